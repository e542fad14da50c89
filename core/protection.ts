import type { AffectedPrincipal } from './action.ts';
import type { ProtectedTag, ProtectionData } from './ports/decision-point.ts';

/** How many of the affected principals are protected by path, tag or ARN pattern. */
export function protectedAffected(
  affected: readonly AffectedPrincipal[],
  protection: ProtectionData,
): number {
  return affected.filter((principal) => isProtected(principal, protection)).length;
}

function isProtected(principal: AffectedPrincipal, protection: ProtectionData): boolean {
  const path = principal.path.toLowerCase();
  return (
    protection.paths.some((prefix) => path.startsWith(prefix.toLowerCase())) ||
    protection.tags.some((tag) => bearsTag(principal, tag)) ||
    protection.arnPatterns.some((pattern) => matchesPattern(principal.arn, pattern))
  );
}

// IAM holds tag keys unique without regard to case, so `Break-Glass` is `break-glass`.
function bearsTag(principal: AffectedPrincipal, tag: ProtectedTag): boolean {
  const key = tag.key.toLowerCase();
  const values = tag.values?.map((value) => value.toLowerCase());
  return Object.entries(principal.tags).some(
    ([name, value]) =>
      name.toLowerCase() === key && (values === undefined || values.includes(value.toLowerCase())),
  );
}

/** Whether `*` (any run) and `?` (any one character) make the pattern the text, without regard to
 * case. Goes back to the last star only, so the time is at most text times pattern. */
export function matchesPattern(text: string, pattern: string): boolean {
  const subject = text.toLowerCase();
  const glob = pattern.toLowerCase();
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < subject.length) {
    if (glob[next] === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (glob[next] === '?' || glob[next] === subject[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(next));
}
