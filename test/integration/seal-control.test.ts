import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseRecord } from '../../core/evidence/record.ts';
import { halt } from '../../core/tasks/halt.ts';
import { openSeal } from '../../core/tasks/open-seal.ts';
import { CLOSE_AFTER_MS, closingTime, sealControl } from '../../core/tasks/seal-control.ts';
import { type LogWorld, openLogWorld } from './support/log-world.ts';
import { memorySigner } from './support/memory-signer.ts';
import { OPERATOR } from './support/world.ts';

const TODAY = 'control:2026-01-01';
const HOUR_MS = 60 * 60 * 1000;

let opened: LogWorld;
beforeEach(() => {
  opened = openLogWorld();
});
afterEach(() => opened.world.close());

const move = (mode: 'drain' | 'running') =>
  halt(opened.world.ports, { operator: OPERATOR, scope: 'all', mode, reason: 'a test' });
const sealsOf = async (streamId: string) =>
  (await opened.ports.store.seals(streamId)).map((one) => openSeal(opened.ports.crypto, one).seal);
const sleep = (ms: number) => opened.world.clock.sleep(ms);

describe('a control stream', () => {
  test('is sealed as open while its day lasts, when it has grown', async () => {
    await opened.world.sequence();
    await opened.world.sequence();
    await move('drain');
    await sleep(1000);
    await opened.world.sequence();

    const seals = await sealsOf(TODAY);

    expect(seals.map(({ status, final, treeSize }) => [status, final, treeSize])).toEqual([
      ['open', false, 1],
      ['open', false, 2],
    ]);
    expect(await opened.check()).toMatchObject({ ok: true, pending: 0 });
  });

  test('is closed when its day is over by an hour, and takes nothing then', async () => {
    await opened.world.sequence();
    const late = closingTime(TODAY) - opened.world.clock.now();
    await sleep(late - 1);
    await opened.world.sequence();
    expect((await sealsOf(TODAY)).map(({ status }) => status)).toEqual(['open']);
    await sleep(1);

    await opened.world.sequence();
    await opened.world.sequence();

    const [, last, ...more] = await sealsOf(TODAY);
    const records = (await opened.ports.store.records(TODAY)).map(parseRecord);
    expect(CLOSE_AFTER_MS).toBe(HOUR_MS);
    expect(more).toEqual([]);
    expect(last).toMatchObject({ status: 'closed', final: true, treeSize: records.length });
    expect(records.map(({ kind }) => kind)).toEqual(['kill-switch', 'stream-closed']);
    expect(await opened.log.control.open()).toEqual([]);
  });

  test('that is closed refuses a process whose clock is late; nothing happens unrecorded', async () => {
    await opened.world.sequence();
    const { ports } = opened.world;
    const then = opened.world.clock.now();
    await sleep(closingTime(TODAY) - then);
    await opened.world.sequence();
    const clock = { ...ports.clock, now: () => then };

    const late = halt(
      { ...ports, clock },
      { operator: OPERATOR, scope: 'all', mode: 'drain', reason: 'a test' },
    );

    await expect(late).rejects.toMatchObject({
      name: 'EvidenceError',
      code: 'stream-closed',
      hint: expect.stringContaining('clock'),
    });
    expect(await ports.killSwitch.effective([])).toBe('running');
    await move('drain');
    expect(await ports.killSwitch.effective([])).toBe('drain');
  });

  test.each([
    ['has another record than was sealed', (bytes: Uint8Array) => changed(bytes, 'ops', 'OPS')],
    ['has a record of another form', (bytes: Uint8Array) => changed(bytes, '"v":1', '"v":1 ')],
    ['has a record of another place', (bytes: Uint8Array) => changed(bytes, '"seq":0', '"seq":7')],
  ])('that %s is not signed', async (_what, change) => {
    await opened.world.sequence();
    await move('drain');
    const { store } = opened.ports;
    const records: typeof store.records = async (streamId, from) =>
      (await store.records(streamId, from)).map((bytes, index) =>
        index === 0 && (from ?? 0) === 0 ? change(bytes) : bytes,
      );

    const sealed = sealControl({ ...opened.ports, store: { ...store, records } });

    await expect(sealed).rejects.toMatchObject({
      name: 'EvidenceError',
      code: 'control-mismatch',
      message: expect.stringContaining(TODAY),
    });
    expect(await sealsOf(TODAY)).toHaveLength(1);
  });

  test('whose last seal was forged is not signed on', async () => {
    await opened.world.sequence();
    await move('drain');
    const { store } = opened.ports;
    const { publicKey } = memorySigner();
    const seals: typeof store.seals = async (streamId) =>
      (await store.seals(streamId)).map((one) => ({ ...one, publicKey }));

    const sealed = sealControl({ ...opened.ports, store: { ...store, seals } });

    await expect(sealed).rejects.toMatchObject({ code: 'seal-forged' });
  });
});

function changed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  expect(text).toContain(from);
  return new TextEncoder().encode(text.replace(from, to));
}
