import fs from 'node:fs';
import { join } from 'node:path';
import { inFolder, proposeIn, scratchFolder } from '../cli-folder.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How old the old transactions are. */
export const OLD_MS = 200 * DAY_MS;

interface Copy {
  readonly data: string;
  readonly archive: string;
}

/** A data folder with transactions of long ago and of today. */
export interface AgedFolder {
  /** Two that ended long ago, the older one first. */
  readonly old: readonly string[];
  /** One that is as old, and was never run. */
  readonly open: string;
  readonly young: string;
  /** A copy of the folder, and where its archive goes. */
  copy(name: string): Copy;
  /** A copy of a copy. */
  copyOf(data: string, name: string): Copy;
  remove(): void;
}

/** Makes the folder with an engine whose clock is half a year and more behind, then with today's. */
export async function makeAgedFolder(): Promise<AgedFolder> {
  const scratch = scratchFolder();
  const whole = join(scratch, 'whole');
  const clock = { now: () => Date.now() - OLD_MS, sleep: async () => undefined };
  const [old, open] = await inFolder({ data: whole, clock }, async (plane) => {
    const ended = [await proposeIn(plane, 'detach-legacy'), await proposeIn(plane, 'trim-portal')];
    for (const one of ended) await plane.run(one);
    return [ended.map(({ id }) => id), (await proposeIn(plane, 'narrow-ci-deploy')).id] as const;
  });
  const young = await inFolder({ data: whole }, async (plane) => {
    const one = await proposeIn(plane, 'close-temporary-access');
    await plane.run(one);
    return one.id;
  });
  const copyOf = (from: string, name: string): Copy => {
    const data = join(scratch, name);
    fs.cpSync(from, data, { recursive: true });
    return { data, archive: join(scratch, `${name}-archive`) };
  };
  return {
    old,
    open,
    young,
    copy: (name) => copyOf(whole, name),
    copyOf,
    remove: () => fs.rmSync(scratch, { recursive: true, force: true }),
  };
}
