const DAY_MS = 24 * 60 * 60 * 1000;
const INSTANT =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** What `--since` takes. */
export const SINCE_FORM = 'It is like 30d, or an ISO 8601 time.';

/** Epoch milliseconds of `30d` before now, or of an ISO 8601 date (in UTC) or time with its zone;
 * undefined for any other text. */
export function sinceOf(text: string, now: number): number | undefined {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days !== undefined) return now - Number(days) * DAY_MS;
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
