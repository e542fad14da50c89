import { z } from 'zod';
import type { Subject } from '../enumerate.ts';
import { type Detection, FindingCategory, findingOf, Severity } from '../finding.ts';
import { powerOf, sourcesGranting } from '../power.ts';
import services from '../sensitive-services.json' with { type: 'json' };
import { isAdministrator } from './administrator.ts';
import { principalRef } from './principal-ref.ts';

const SensitiveService = z.strictObject({
  service: z.string(),
  category: FindingCategory,
  severity: Severity,
  /** What makes the service sensitive: a guard denies these. */
  probes: z.array(z.string()).min(1),
  /** What may stay of `service:*`. */
  keep: z.array(z.string()),
});

/** The services whose full wildcard is a finding, with what a remedy leaves. */
export const SENSITIVE_SERVICES = z.array(SensitiveService).parse(services);

/** Full wildcards on sensitive services, on every resource; an administrator is reported as such. */
export function sensitiveService(subject: Subject): readonly Detection[] {
  if (isAdministrator(subject)) return [];
  return SENSITIVE_SERVICES.flatMap((entry) => {
    const probe = `${entry.service}:InterlockProbeAnything`;
    const anywhere = `arn:interlock-probe:${entry.service}:::anything`;
    const all = [probe, ...entry.probes];
    if (!all.every((action) => powerOf(subject, action, anywhere) === 'yes')) return [];
    const finding = findingOf(
      {
        ruleId: 'sensitive-service-wildcard',
        category: entry.category,
        severity: entry.severity,
        principal: principalRef(subject),
        policies: sourcesGranting(subject, probe).map((each) => each.source),
        actions: [`${entry.service}:*`],
        path: [],
        message: `${subject.principal.type} \`${subject.principal.name}\` may do all of \`${entry.service}\` on every resource`,
      },
      entry.service,
    );
    const cut = { probe, deny: entry.probes, except: `${entry.service}:*`, keep: entry.keep };
    return [{ finding, cuts: [cut] }];
  });
}

/** What may stay of `service:*` when an action of that service has to go: reading. */
export function keepOf(action: string): readonly string[] {
  const service = action.slice(0, action.indexOf(':'));
  return SENSITIVE_SERVICES.find((each) => each.service === service)?.keep ?? [];
}
