import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS, type MetricName } from '../adapters/aws/metric-names.ts';
import { type Observed, ownMetric } from './observed.ts';

const PERIOD = Duration.minutes(5);
const WIDTH = 12;
const HEIGHT = 6;

/** One page that says whether all is well, and where to look when it is not. */
export class Dashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly observed: Observed; readonly alarms: readonly Alarm[] },
  ) {
    super(scope, id);
    const { observed, alarms } = props;
    const { service, functions, machines, archive, deadLetters } = observed;
    const own = (...names: readonly MetricName[]) =>
      names.map((name) => ownMetric(service, name, 'Sum', PERIOD));
    const { committed, rejected, compensated, stuck } = METRICS;
    const dashboard = new CloudWatchDashboard(this, 'Page', { dashboardName: service });
    dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 2 * WIDTH }),
    );
    dashboard.addWidgets(
      graph('Transactions by outcome', own(committed, rejected, compensated, stuck)),
      graph(
        'Duration of executions',
        machines.flatMap(({ machine }) =>
          ['p50', 'p99'].map((statistic) => machine.metricTime({ statistic, period: PERIOD })),
        ),
      ),
    );
    dashboard.addWidgets(
      graph('Kill switch unreadable, overwritten evidence, reconciler', [
        ...own(METRICS.killSwitchUnreadable, METRICS.evidenceOverwritten, METRICS.reconcilerActed),
      ]),
      graph('Lag of seals, of the log and of the archive', [
        ownMetric(service, METRICS.sealLag, 'Maximum', PERIOD),
        ownMetric(service, METRICS.logLag, 'Maximum', PERIOD),
        archive.metric('IteratorAge', { statistic: 'Maximum', period: PERIOD }),
      ]),
    );
    dashboard.addWidgets(
      graph(
        'Throttles',
        functions.map(({ lambda }) => lambda.metricThrottles({ period: PERIOD })),
      ),
      graph(
        'Errors thrown by functions',
        functions.map(({ lambda }) => lambda.metricErrors({ period: PERIOD })),
      ),
    );
    dashboard.addWidgets(
      graph('Dead letters', [
        deadLetters.metricApproximateNumberOfMessagesVisible({ period: PERIOD }),
      ]),
      graph(
        'Executions that did not end by themselves',
        machines.flatMap(({ machine }) => [
          machine.metricFailed({ period: PERIOD }),
          machine.metricTimedOut({ period: PERIOD }),
          machine.metricAborted({ period: PERIOD }),
        ]),
      ),
    );
  }
}

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: WIDTH, height: HEIGHT });
}
