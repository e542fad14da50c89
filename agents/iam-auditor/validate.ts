import type { Subject } from './enumerate.ts';
import type { Detection } from './finding.ts';
import { administrator } from './findings/administrator.ts';
import { invalidPolicy } from './findings/invalid-policy.ts';
import { openTrust } from './findings/open-trust.ts';
import { privilegeEscalation } from './findings/privilege-escalation.ts';
import { sensitiveService } from './findings/sensitive-service.ts';
import { userInlinePolicy } from './findings/user-inline-policy.ts';

const RULES = [
  administrator,
  privilegeEscalation,
  openTrust,
  sensitiveService,
  userInlinePolicy,
  invalidPolicy,
];

/** Everything that the rules find about one principal, in the order of the rules. */
export function detect(subject: Subject): readonly Detection[] {
  return RULES.flatMap((rule) => rule(subject));
}
