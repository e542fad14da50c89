import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Overwrite } from '../adapters/aws/archive.ts';
import { METRICS, METRICS_NAMESPACE, type MetricName } from '../adapters/aws/metric-names.ts';
import type { Sweep } from '../adapters/aws/reconciler.ts';
import { errorFields, logDone, logProblem } from './log.ts';

/** The service, which is the one dimension, is in the function's environment. */
const metrics = new Metrics({ namespace: METRICS_NAMESPACE });

/** Counts something that happened; CloudWatch reads the line in the log. */
export function count(
  name: MetricName,
  { times = 1, transactionId }: { readonly times?: number; readonly transactionId?: string } = {},
): void {
  // Beside the metric, not a dimension of it: each of those is paid for.
  if (transactionId !== undefined) metrics.addMetadata('transactionId', transactionId);
  metrics.addMetric(name, MetricUnit.Count, times).publishStoredMetrics();
}

/** Says how long something takes. */
export function measure(name: MetricName, milliseconds: number): void {
  metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds).publishStoredMetrics();
}

/** Reports one sweep of the reconciler: silence of it is an alarm too. */
export function reportSweep({ restarted, failed, sealLagMs }: Sweep): void {
  measure(METRICS.sealLag, sealLagMs);
  reportRestarted(restarted);
  for (const { id, error } of failed)
    logProblem('the reconciler cannot go on', { transactionId: id, error: errorFields(error) });
}

/** Reports how late the log is: by who does not write it, so that its silence is seen. */
export function reportLogLag(milliseconds: number): void {
  measure(METRICS.logLag, milliseconds);
}

/** Reports the transactions that the reconciler had go on. */
export function reportRestarted(restarted: Sweep['restarted']): void {
  for (const { id, epoch, status } of restarted)
    logDone('the reconciler goes on', { transactionId: id, epoch, status });
  if (restarted.length > 0) count(METRICS.reconcilerActed, { times: restarted.length });
}

/** Reports that the kill switch could not be read: all is halted. */
export function reportUnreadable(error: unknown): void {
  count(METRICS.killSwitchUnreadable);
  logProblem('the kill switch cannot be read', { error: errorFields(error) });
}

/** Reports that evidence or a decision was overwritten: an incident. */
export function reportOverwrite({ table, kind, objectKey }: Overwrite): void {
  count(METRICS.evidenceOverwritten);
  logProblem('evidence was overwritten', { table, kind, objectKey });
}

/** Reports an image that is not in the archive yet; it is tried again. */
export function reportNotArchived(error: unknown): void {
  logProblem('an image is not archived yet', { error: errorFields(error) });
}
