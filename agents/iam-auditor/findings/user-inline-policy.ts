import { compiledStatements } from '../../../iam/compiled.ts';
import type { Subject } from '../enumerate.ts';
import { type Detection, findingOf } from '../finding.ts';
import { principalRef } from './principal-ref.ts';

/** Users with inline policies that grant something; one that only denies is a guard and in order. */
export function userInlinePolicy(subject: Subject): readonly Detection[] {
  if (subject.principal.type !== 'user') return [];
  const granting = subject.sources.filter(
    (each) =>
      each.origin === 'inline' &&
      compiledStatements(each.documentText).some((one) => one.statement.effect === 'Allow'),
  );
  return granting.map(({ name }) => ({
    finding: findingOf(
      {
        ruleId: 'user-inline-policy',
        category: 'hygiene',
        severity: 'low',
        principal: principalRef(subject),
        policies: [name],
        actions: [],
        path: [],
        message: `user \`${subject.principal.name}\` is granted permissions by inline policy \`${name}\``,
      },
      name,
    ),
    cuts: [],
  }));
}
