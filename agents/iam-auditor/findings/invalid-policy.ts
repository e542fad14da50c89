import type { Subject } from '../enumerate.ts';
import { type Detection, findingOf } from '../finding.ts';
import { principalRef } from './principal-ref.ts';

/** Policies that are missing in the file or that IAM would not take; nothing can be proved about them. */
export function invalidPolicy(subject: Subject): readonly Detection[] {
  return subject.invalid.map((label) => ({
    finding: findingOf(
      {
        ruleId: 'invalid-policy',
        category: 'invalid-policy',
        severity: 'medium',
        principal: principalRef(subject),
        policies: [label],
        actions: [],
        path: [],
        message: `policy \`${label}\` of ${subject.principal.type} \`${subject.principal.name}\` is missing or malformed`,
      },
      label,
    ),
    cuts: [],
  }));
}
