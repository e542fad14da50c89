import { describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../adapters/aws/metric-names.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { controlPlane } = synthesize();
const page = JSON.stringify(resourcesOf(controlPlane, 'AWS::CloudWatch::Dashboard'));
/** An alarm by itself: on the dashboard it is among the outcomes. */
const SHOWN = Object.values(METRICS).filter((name) => name !== METRICS.personNeeded);

describe('the dashboard', () => {
  it.each([...SHOWN, 'ExecutionTime', 'IteratorAge', 'Throttles', 'ExecutionsTimedOut'])(
    'shows %s',
    (name) => {
      expect(page).toContain(`\\"${name}\\"`);
    },
  );

  it('shows every alarm', () => {
    const alarms = resourcesOf(controlPlane, 'AWS::CloudWatch::Alarm').map(([id]) => id);

    expect(alarms.length).toBeGreaterThan(8);
    expect(alarms.filter((id) => !page.includes(`"${id}"`))).toEqual([]);
  });
});
