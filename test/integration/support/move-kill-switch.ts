import { loadDecisionPoint } from '../../../adapters/cedar/decision-point.ts';
import { openControlPlane } from '../../../adapters/embedded/control-plane.ts';
import type { KillMode } from '../../../core/ports/kill-switch.ts';
import { halt } from '../../../core/tasks/halt.ts';
import { memorySigner } from './memory-signer.ts';

// A process of its own: moves the kill switch of a data folder, as `interlock kill` does.
const [folder = '', scope = '', mode = ''] = process.argv.slice(2);
const controlPlane = openControlPlane({
  storePath: `${folder}/interlock.db`,
  accountPath: `${folder}/account.db`,
  signer: memorySigner(),
  decisionPoint: loadDecisionPoint('policies'),
  operator: 'ops',
});
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const setting = await halt(controlPlane.ports, {
  operator: 'ops',
  scope,
  mode: mode as KillMode,
  reason: 'a test',
});
controlPlane.close();
process.stdout.write(`${JSON.stringify(setting)}\n`);
process.stdin.destroy();
