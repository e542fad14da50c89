import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memoryCheckpoints } from '../../adapters/embedded/checkpoints.ts';
import { sequence } from '../../core/tasks/sequence.ts';
import { crashing, type LogWorld, openLogWorld } from './support/log-world.ts';
import { memorySigner } from './support/memory-signer.ts';
import { makeTestFiles } from './support/store-dump.ts';

const CALLS_MAX = 100;

let opened: LogWorld;
beforeEach(() => {
  opened = openLogWorld();
});
afterEach(() => opened.world.close());

const streamsOf = async ({ log }: LogWorld) =>
  (await log.store.entries(0, 100)).map(({ of }) => (of.kind === 'key' ? 'key' : of.streamId));

describe('the sequencer', () => {
  test('takes the seals in, the key before them, and publishes', async () => {
    const first = await opened.seal();
    const second = await opened.seal();

    const entered = await opened.world.sequence();

    const streams = await streamsOf(opened);
    expect(entered).toBe(4);
    expect(streams.slice(0, 3)).toEqual(['key', `tx:${first}`, `tx:${second}`]);
    expect(streams[3]).toMatch(/^control:/);
    const head = await opened.log.store.head();
    expect(await opened.ports.checkpoints.all()).toEqual([{ size: 4, note: head?.checkpoint }]);
    expect(await opened.check()).toMatchObject({ ok: true, size: 4, pending: 0, problems: [] });
  });

  test('has nothing to sign when nothing came', async () => {
    await opened.seal();
    await opened.world.sequence();

    expect(await opened.world.sequence()).toBe(0);

    expect(await opened.ports.checkpoints.all()).toHaveLength(1);
  });

  test('signs once a second: it waits, or leaves it to another run', async () => {
    await opened.seal();
    await opened.world.sequence();
    await opened.seal();

    expect(await opened.log.sequence('skip')).toBe(0);
    const before = opened.world.clock.now();
    expect(await opened.log.sequence('wait')).toBeGreaterThan(0);

    const head = await opened.log.store.head();
    expect(opened.world.clock.now() - before).toBe(1000);
    expect(head?.at).toBe(opened.world.clock.now());
    await opened.world.clock.sleep(1000);
    await opened.seal();
    expect(await opened.log.sequence('skip')).toBeGreaterThan(0);
  });

  test('goes on after a crash at any call of any port', async () => {
    const places: string[] = [];
    for (const isDone of [false, true]) {
      for (let call = 1; call <= CALLS_MAX; call += 1) {
        const own = openLogWorld();
        await own.seal();
        await own.world.sequence();
        await own.seal();
        await own.world.clock.sleep(1000);
        const { ports, crashedIn } = crashing(own.ports, { call, isDone });

        const killed = await sequence(ports, 'wait').then(
          () => false,
          () => true,
        );
        await own.world.sequence();
        await own.seal();
        await own.world.sequence();

        const report = await own.check();
        const head = await own.log.store.head();
        expect([crashedIn(), report]).toEqual([
          crashedIn(),
          { ok: true, size: head?.size, checkpoints: 3, pending: 0, problems: [] },
        ]);
        expect(head?.size).toBe(5);
        own.world.close();
        if (!killed) break;
        places.push(crashedIn() ?? 'nowhere');
      }
    }
    for (const place of ['logSigner.sign', 'log.advance', 'checkpoints.publish'])
      expect(places).toEqual(expect.arrayContaining([`before ${place}`, `after ${place}`]));
  });

  test('is one log when several run at once', async () => {
    const files = makeTestFiles();
    const checkpoints = memoryCheckpoints();
    const [signer, sealer] = [memorySigner(), memorySigner()];
    const shared = { ...files, signer: sealer, log: { signer, checkpoints } };
    const worlds = [openLogWorld(shared), openLogWorld({ ...shared, account: false })];
    try {
      for (let round = 0; round < 4; round += 1) {
        await worlds[0]?.seal();
        await Promise.all(worlds.map(({ world }) => world.sequence()));
      }

      const report = await worlds[1]?.check();
      expect(report).toMatchObject({ ok: true, pending: 0, problems: [] });
      expect(report?.size).toBe(6);
    } finally {
      for (const { world } of worlds) world.close();
      files.remove();
    }
  });
});
