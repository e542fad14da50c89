import type { Subject } from '../enumerate.ts';
import type { Finding } from '../finding.ts';

/** How findings name a principal. */
export function principalRef({ principal }: Subject): Finding['principal'] {
  return { type: principal.type, name: principal.name, arn: principal.arn };
}
