import type { DryRun } from '../api/shapes.ts';
import { dryRunView } from '../api/view/dry-run.ts';
import { dryRun } from '../core/tasks/dry-run.ts';
import { requireDataFolder } from './open.ts';
import { openScratch } from './scratch.ts';
import { takeSnapshot } from './snapshot.ts';

/** Dry-runs a plan on what a data folder holds; nothing is written there. Throws as `propose`. */
export async function dryRunOnFolder(
  data: string,
  plan: { readonly agent: string },
): Promise<DryRun> {
  const { accountPath, killMode, dispose } = takeSnapshot(requireDataFolder(data));
  try {
    const controlPlane = openScratch({ account: { path: accountPath }, killMode });
    try {
      const { ports } = controlPlane;
      return dryRunView(await dryRun(ports, { plan, actor: `agent:${plan.agent}` }));
    } finally {
      controlPlane.close();
    }
  } finally {
    dispose();
  }
}
