import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dataFolderAt } from '../../../adapters/embedded/data-folder.ts';
import { openExisting } from '../../../cli/open.ts';
import { trustOf } from '../../../cli/trust.ts';
import { verifyStore } from '../../../cli/verify-store.ts';
import { inFolder, proposeIn } from '../cli-folder.ts';

/** Runs example plans to their ends and brings them into the log. */
export function goOn(folder: string, ...plans: readonly string[]): Promise<readonly string[]> {
  return inFolder({ data: folder }, async (plane) => {
    const made: string[] = [];
    for (const plan of plans) {
      const transaction = await proposeIn(plane, plan);
      await plane.run(transaction);
      made.push(transaction.id);
    }
    await plane.log.sequence('wait');
    return made;
  });
}

/** Changes the store's file as nothing in Interlock does. */
export function attack(folder: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(dataFolderAt(folder).store);
  const triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
  work(database);
  database.close();
}

/** What `evidence verify --all` finds. */
export async function verified(folder: string, checkpoint?: string) {
  const plane = openExisting({ data: folder });
  try {
    const { ok, streams, control, log, pruned } = await verifyStore(plane, {
      trust: trustOf(folder, { checkpoint }),
      damage: [],
      onProgress: () => () => undefined,
    });
    const bad = [...streams, ...control.streams].map(({ streamId }) => streamId);
    return { ok, problems: [...pruned.problems, ...log.problems], bad };
  } finally {
    plane.close();
  }
}

/** The newest checkpoint as somebody keeps it. */
export function keepCheckpoint(folder: string, file: string): string {
  const { checkpoints } = dataFolderAt(folder);
  fs.copyFileSync(join(checkpoints, fs.readdirSync(checkpoints).sort().at(-1) ?? ''), file);
  return file;
}
