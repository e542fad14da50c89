/** For how long evidence is kept unless an operator says longer: half a year, in days. */
export const RETENTION_DAYS_MIN = 183;
/** A hundred years. */
export const RETENTION_DAYS_MAX = 36_500;
