import { DeleteItemCommand, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dynamoControlStreams } from '../../../adapters/aws/control-streams.ts';
import { dynamoLogStore, SEALS_OF_ADVANCE_MAX } from '../../../adapters/aws/log-store.ts';
import { oldestPendingAt } from '../../../adapters/aws/pending-seals.ts';
import { dynamoStore } from '../../../adapters/aws/store.ts';
import { evidenceKey, sealPartition } from '../../../adapters/aws/store-records.ts';
import { bytesOfText } from '../../../core/evidence/bytes.ts';
import { growLog, readInclusionProof } from '../../../core/evidence/log-tree.ts';
import { leafHash } from '../../../core/evidence/merkle.ts';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import { verifyInclusion } from '../../../core/evidence/proof.ts';
import type { LogEntry, LogHead, LogStore } from '../../../core/ports/log-store.ts';
import type { StoredSeal } from '../../../core/ports/store.ts';
import { logStoreContract, type OpenedLog } from '../../contract/log-store-contract.ts';
import { sampleSeal } from '../../contract/store-samples.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { testTables } from './aws-world.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

/** Two clients on the log of the same tables. */
const openLog = (): OpenedLog => {
  const tables = testTables(emulator);
  const partsOf = () => {
    const parts = { client: tables.client(), tables: tables.names };
    return {
      store: dynamoStore(parts),
      log: dynamoLogStore(parts),
      control: dynamoControlStreams(parts),
    };
  };
  return { ...partsOf(), other: partsOf(), close: () => tables.close() };
};

logStoreContract('aws', openLog);

const NOW_MS = 1_770_000_000_000;

/** A log with its tables, and seals that are put without a transaction. */
const openParts = () => {
  const tables = testTables(emulator);
  const client = tables.client();
  const { names } = tables;
  const log = dynamoLogStore({ client, tables: names });
  const control = dynamoControlStreams({ client, tables: names, now: () => NOW_MS });
  const put = async (count: number): Promise<readonly StoredSeal[]> => {
    const seals = Array.from({ length: count }, (_, index) => sampleSeal(`tx:${index}`, 1, 'e'));
    for (const seal of seals) await control.seal(seal, { isLast: false });
    return seals;
  };
  const pendingItems = async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName: names.pending }));
    return Items.length;
  };
  return { client, names, log, put, pendingItems, close: tables.close };
};

/** Takes seals in, with the nodes that they make whole. */
async function advance(log: LogStore, seals: readonly StoredSeal[]): Promise<LogHead> {
  const head = await log.head();
  const fromSize = head?.size ?? 0;
  const entries = seals.map(
    ({ streamId, treeSize }, index): LogEntry => ({
      position: fromSize + index,
      statement: bytesOfText(`seal of ${streamId}`),
      of: { kind: 'seal', streamId, treeSize },
    }),
  );
  const leaves = entries.map(({ statement }) => leafHash(nodeCrypto, statement));
  const edge = { size: fromSize, frontier: head?.frontier ?? [] };
  const { nodes, root, ...grown } = growLog(nodeCrypto, edge, leaves);
  const next = { ...grown, root: Buffer.from(root).toString('hex'), checkpoint: 'c', at: NOW_MS };
  await log.advance({ fromSize, entries, nodes, head: next });
  return next;
}

describe('the log in DynamoDB', () => {
  it('takes in as many seals at once as it names as pending, and forgets them then', async () => {
    const { log, put, pendingItems, close } = openParts();
    await put(SEALS_OF_ADVANCE_MAX + 5);

    const first = await log.pending(4096);
    await advance(log, first);
    const rest = await log.pending(4096);

    expect(first).toHaveLength(SEALS_OF_ADVANCE_MAX);
    expect(rest.map(({ streamId }) => streamId)).toEqual(
      ['90', '91', '92', '93', '94'].map((id) => `tx:${id}`),
    );
    expect(await pendingItems()).toBe(5);
    await advance(log, rest);
    expect(await log.pending(4096)).toEqual([]);
    expect(await pendingItems()).toBe(0);
    close();
  });

  it('proves every entry of advances of any size', async () => {
    const { log, put, close } = openParts();
    const seals = await put(21);
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 9],
      [9, 21],
    ] as const)
      await advance(log, seals.slice(from, to));

    const head = (await log.head()) as LogHead;
    const entries = await log.entries(0, 100);
    const verified = await Promise.all(
      entries.map(async ({ position, statement }) => {
        const place = { position, size: head.size };
        const proof = await readInclusionProof(nodeCrypto, place, (all) => log.nodes(all));
        const leaf = leafHash(nodeCrypto, statement);
        const root = Buffer.from(head.root, 'hex');
        return verifyInclusion(nodeCrypto, {
          leaf,
          leafIndex: position,
          treeSize: 21,
          proof,
          root,
        });
      }),
    );

    expect(entries.map(({ position }) => position)).toEqual([...entries.keys()]);
    expect(verified).toEqual(Array(21).fill(true));
    expect(await log.entries(8, 3)).toEqual(entries.slice(8, 11));
    close();
  });

  it('takes a seal in once, whatever the sequencer believes', async () => {
    const { log, put, close } = openParts();
    const seals = await put(2);
    await advance(log, seals);

    await expect(advance(log, seals.slice(1))).rejects.toMatchObject({ name: 'StaleStateError' });

    expect(await log.head()).toMatchObject({ size: 2 });
    close();
  });

  it('passes over a seal that is said to be pending and is not there, and keeps saying so', async () => {
    const { client, names, log, put, pendingItems, close } = openParts();
    await put(2);
    const Key = evidenceKey(sealPartition('tx:0'), 1);
    await client.send(new DeleteItemCommand({ TableName: names.evidence, Key }));

    const pending = await log.pending(10);
    await advance(log, pending);

    expect(pending.map(({ streamId }) => streamId)).toEqual(['tx:1']);
    expect(await log.pending(10)).toEqual([]);
    expect(await pendingItems()).toBe(1);
    expect(await oldestPendingAt(client, names)).toBe(NOW_MS);
    close();
  });

  it('only ever puts to the table of the log', async () => {
    const { client, names, log, put, close } = openParts();
    const seals = await put(3);
    const images = new Map<string, string>();

    for (const seal of seals) {
      await advance(log, [seal]);
      for await (const { Items = [] } of paginateScan({ client }, { TableName: names.log }))
        for (const item of Items) {
          const key = JSON.stringify([item['pk'], item['seq']]);
          expect(images.get(key) ?? JSON.stringify(item)).toBe(JSON.stringify(item));
          images.set(key, JSON.stringify(item));
        }
    }

    expect(images.size).toBe(3 * 4);
    close();
  });
});
