import { type DryRunResult, dryRun } from './dry-run.ts';
import { requireDataFolder } from './open.ts';
import { takeSnapshot } from './snapshot.ts';

/** Dry-runs a plan on what a data folder holds; nothing is written there. */
export async function dryRunOnFolder(
  data: string,
  plan: { readonly agent: string },
): Promise<DryRunResult> {
  const snapshot = takeSnapshot(requireDataFolder(data));
  try {
    return await dryRun({
      plan,
      actor: `agent:${plan.agent}`,
      account: { path: snapshot.accountPath },
      killMode: snapshot.killMode,
    });
  } finally {
    snapshot.dispose();
  }
}
