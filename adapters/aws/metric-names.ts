/** Where the metrics of all control planes are; the dimension `service` tells them apart. */
export const METRICS_NAMESPACE = 'Interlock';

/** What the functions count and measure; alarms and dashboard name them by this. */
export const METRICS = {
  committed: 'TransactionCommitted',
  rejected: 'TransactionRejected',
  compensated: 'TransactionCompensated',
  stuck: 'TransactionStuck',
  /** A person is needed: at the commit point, and again at the seal. */
  personNeeded: 'PersonNeeded',
  /** The parameter or the fence could not be read, so that all is halted. */
  killSwitchUnreadable: 'KillSwitchUnreadable',
  /** Milliseconds since the oldest transaction that is final and not sealed was proposed. */
  sealLag: 'SealLag',
  /** Milliseconds since the oldest seal was stored that is not in the log. */
  logLag: 'LogLag',
  /** Transactions that went on because the reconciler found that nobody ran them. */
  reconcilerActed: 'ReconcilerActed',
  /** Something that is only ever put was changed, replaced or removed. */
  evidenceOverwritten: 'EvidenceOverwritten',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
