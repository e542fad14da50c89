import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memoryCheckpoints } from '../../adapters/embedded/checkpoints.ts';
import { hexOf } from '../../core/evidence/bytes.ts';
import {
  envelopeText,
  openEnvelope,
  parseEnvelope,
  preAuthEncoding,
  sealEnvelope,
} from '../../core/evidence/envelope.ts';
import { parseKeyStatement } from '../../core/evidence/log-entry.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { parseRecord } from '../../core/evidence/record.ts';
import type { Signer } from '../../core/ports/signer.ts';
import type { StoredSeal } from '../../core/ports/store.ts';
import { checkLog } from '../../core/tasks/check-log.ts';
import { sequence } from '../../core/tasks/sequence.ts';
import { signSeal } from '../../core/tasks/sign-seal.ts';
import { type LogWorld, openLogWorld } from './support/log-world.ts';
import { memorySigner } from './support/memory-signer.ts';
import { makeTestFiles } from './support/store-dump.ts';

let opened: LogWorld;
beforeEach(() => {
  opened = openLogWorld();
});
afterEach(() => opened.world.close());

const streamsOf = async ({ log }: LogWorld) =>
  (await log.store.entries(0, 100)).map(({ of }) => (of.kind === 'key' ? 'key' : of.streamId));

describe('a seal that the log cannot take in', () => {
  const refusals = async () => {
    const { store } = opened.world.ports;
    const streams = (await store.streams()).filter((one) => one.startsWith('control:'));
    const records = (await Promise.all(streams.map((one) => store.records(one)))).flat();
    return records.map(parseRecord).filter(({ kind }) => kind === 'refused');
  };

  test.each([
    ['of another place', 'seal-forged', async (seal: StoredSeal) => seal],
    [
      'with another key beside it',
      'seal-forged',
      async (seal: StoredSeal) => ({ ...seal, publicKey: memorySigner().publicKey }),
    ],
    [
      'with the signature of another key',
      'seal-forged',
      async (seal: StoredSeal) =>
        signedAgain(await sealOf(seal, opened.ports.signer), memorySigner(), seal.publicKey),
    ],
    [
      'by a key that anybody made',
      'key-unknown',
      (seal: StoredSeal) => sealOf(seal, memorySigner()),
    ],
  ])('%s is refused on record, once, and what came before it is in', async (_what, code, forge) => {
    const first = await opened.seal();
    const [seal] = await opened.world.ports.store.seals(`tx:${first}`);
    const forged = await forge({ ...(seal as StoredSeal), treeSize: 100 });
    await opened.log.control.seal(forged, { isLast: false });
    await opened.seal();

    for (let run = 0; run < 3; run += 1)
      await expect(opened.world.sequence()).rejects.toMatchObject({ code, name: 'EvidenceError' });

    const streams = await streamsOf(opened);
    expect(streams).toEqual(['key', `tx:${first}`]);
    const records = await refusals();
    expect(records.map(({ data }) => data)).toEqual([
      {
        call: 'log:Append',
        streamId: `tx:${first}`,
        treeSize: 100,
        code,
        message: expect.any(String),
      },
    ]);
  });
});

describe('the keys of the log', () => {
  test('come before their first seal, each with the one that it replaces', async () => {
    const files = makeTestFiles();
    const [old, next] = [memorySigner(), memorySigner()];
    const log = {
      signer: memorySigner(),
      checkpoints: memoryCheckpoints(),
      sealKeyIds: async () => [old.keyId, next.keyId],
    };
    const before = openLogWorld({ ...files, signer: old, log });
    await before.seal();
    await before.world.sequence();
    before.world.close();
    const after = openLogWorld({ ...files, signer: next, log, account: false });
    await after.world.clock.sleep(5000);
    await after.seal();
    await after.world.sequence();

    const statements = (await after.log.store.entries(0, 100))
      .filter(({ of }) => of.kind === 'key')
      .map(({ statement }) => parseKeyStatement(statement));
    expect(statements.map(({ keyId, replaces }) => [keyId, replaces])).toEqual([
      [old.keyId, undefined],
      [next.keyId, old.keyId],
    ]);
    expect(await after.check()).toMatchObject({ ok: true, problems: [] });
    const late = await sealOf({ streamId: 'tx:x', treeSize: 1 }, old);
    await after.log.control.seal(late, { isLast: false });
    await expect(after.world.sequence()).rejects.toMatchObject({ code: 'key-replaced' });
    after.world.close();
    files.remove();
  });
});

/** A seal of a place that no transaction has come to. */
function sealOf(
  { streamId, treeSize }: Pick<StoredSeal, 'streamId' | 'treeSize'>,
  signer: Signer,
): Promise<StoredSeal> {
  const root = '0'.repeat(64);
  const wish = { streamId, treeSize, root, status: 'stuck', last: undefined } as const;
  return signSeal({ ...opened.world.ports, signer }, wish);
}

/** The same statement with a signature by another key. */
async function signedAgain(
  seal: StoredSeal,
  signer: Signer,
  publicKey: Uint8Array,
): Promise<StoredSeal> {
  const { statement } = openEnvelope(parseEnvelope(seal.envelope));
  const signature = await signer.sign(preAuthEncoding(statement));
  const keyId = hexOf(nodeCrypto.sha256(publicKey));
  return {
    ...seal,
    publicKey,
    envelope: envelopeText(sealEnvelope({ statement, keyId, signature })),
  };
}

describe('a log that is not what was published of it', () => {
  const other = async (changed: Partial<LogWorld['ports']>) => {
    await opened.seal();
    return sequence({ ...opened.ports, ...changed }, 'wait');
  };
  const nothingSigned = async (work: () => Promise<unknown>, code: string): Promise<void> => {
    let signatures = 0;
    const { logSigner } = opened.ports;
    const sign = logSigner.sign;
    Object.assign(logSigner, {
      sign: (message: Uint8Array) => {
        signatures += 1;
        return sign(message);
      },
    });
    await expect(work()).rejects.toMatchObject({ code, name: 'EvidenceError' });
    expect(signatures).toBe(0);
  };

  test('is not signed when the store was put back', async () => {
    await opened.seal();
    await opened.world.sequence();
    const { checkpoints, logSigner } = opened.ports;
    const back = openLogWorld({ log: { signer: logSigner, checkpoints } });
    await back.seal();

    await nothingSigned(() => back.world.sequence(), 'log-rolled-back');
    back.world.close();
  });

  test('is not signed when another of its size was published', async () => {
    await opened.seal();
    await opened.world.sequence();
    const { logSigner } = opened.ports;
    const fork = openLogWorld({ log: { signer: logSigner, checkpoints: memoryCheckpoints() } });
    await fork.seal();
    await fork.world.sequence();

    await nothingSigned(() => other({ checkpoints: fork.ports.checkpoints }), 'log-inconsistent');
    fork.world.close();
  });

  test('is not signed when its head has other nodes, or another checkpoint', async () => {
    await opened.seal();
    await opened.world.sequence();
    const { log } = opened.ports;
    const head = await log.head();
    if (head === undefined) throw new Error('there is no head');
    const frontier = head.frontier.map((hash) => hash.map((byte) => byte ^ 1));
    for (const changed of [{ frontier }, { root: '0'.repeat(64) }, { size: head.size + 1 }])
      await nothingSigned(
        () => other({ log: { ...log, head: async () => ({ ...head, ...changed }) } }),
        'size' in changed ? 'log-edge' : 'log-inconsistent',
      );
    await nothingSigned(
      () => other({ log: { ...log, head: async () => ({ ...head, checkpoint: 'x\n' }) } }),
      'checkpoint-malformed',
    );
  });

  test('shows in a check when a seal was signed again by another key', async () => {
    const id = await opened.seal();
    await opened.world.sequence();
    const { ports } = opened.world;
    const other = memorySigner();
    const seals: typeof ports.store.seals = async (streamId) =>
      Promise.all(
        (await ports.store.seals(streamId)).map((one) =>
          streamId === `tx:${id}` ? signedAgain(one, other, other.publicKey) : one,
        ),
      );

    const report = await checkLog(
      { ...opened.ports, store: { ...ports.store, seals } },
      { publicKey: opened.log.publicKey },
    );

    const [{ treeSize = 0 } = {}] = await ports.store.seals(`tx:${id}`);
    expect(report.problems).toEqual([
      `entry 1 of the log: seal ${treeSize} of \`tx:${id}\` is by a key that was not the newest`,
    ]);
  });

  test('shows in a check, by name', async () => {
    const id = await opened.seal();
    await opened.world.sequence();
    const { logSigner } = opened.ports;
    const fork = openLogWorld({ log: { signer: logSigner, checkpoints: memoryCheckpoints() } });
    await fork.seal();
    await fork.world.sequence();
    const [note = ''] = (await fork.ports.checkpoints.all()).map((one) => one.note);

    const report = await opened.check([note]);

    expect(report.problems).toEqual([
      'the pinned checkpoint: the log has another root at 3 entries: it was changed or forked',
    ]);
    expect(id).not.toBe('');
    fork.world.close();
  });
});
