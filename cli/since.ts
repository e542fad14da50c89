/** Milliseconds of a minute, an hour, a day. */
export const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const INSTANT =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** What `--since` takes. */
export const SINCE_FORM = 'It is an age like 30d, 12h or 5m, or an ISO 8601 time.';

/** Epoch milliseconds of an age (`30d`, `12h`, `5m`) before now, or of an ISO 8601 date (in UTC) or
 * time with its zone; undefined for any other text. */
export function sinceOf(text: string, now: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNIT_MS[unit] as number);
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
