import { expect, test } from '@jest/globals';
import { nodeCrypto } from '../../../core/evidence/node-crypto.ts';
import type { LogEntry } from '../../../core/ports/log-store.ts';
import type { Signer } from '../../../core/ports/signer.ts';
import type { StoredSeal } from '../../../core/ports/store.ts';
import { entriesOf } from '../../../core/tasks/log-entries.ts';
import { signSeal } from '../../../core/tasks/sign-seal.ts';
import { memorySigner } from '../../integration/support/memory-signer.ts';

const [first, second] = [memorySigner(), memorySigner()];
const CLOCK = { now: () => Date.UTC(2026, 0, 1), sleep: async () => undefined };

/** A seal of a stream of its own. */
function sealBy(signer: Signer, index: number): Promise<StoredSeal> {
  return signSeal(
    { clock: CLOCK, crypto: nodeCrypto, signer },
    {
      streamId: `tx:${index}`,
      treeSize: 1,
      root: '0'.repeat(64),
      status: 'committed',
      last: undefined,
    },
  );
}

/** The entries of seals by these keys, in a log that has some of the keys. */
async function entriesBy(signers: readonly Signer[], logged: ReadonlyMap<string, number>) {
  const asked: string[] = [];
  const log = {
    async keyEntry(keyId: string) {
      asked.push(keyId);
      const position = logged.get(keyId);
      return position === undefined ? undefined : ({ position } as LogEntry);
    },
  };
  const ports = {
    crypto: nodeCrypto,
    clock: CLOCK,
    log: log as never,
    sealKeyIds: async () => [first.keyId, second.keyId],
  };
  const { entries, refusal } = await entriesOf(ports, 10, await Promise.all(signers.map(sealBy)));
  const names = entries.map(({ position, of }) => [
    position,
    of.kind === 'key' ? of.keyId : of.streamId,
  ]);
  return { names, code: refusal?.error.code, asked };
}

test('a key that was replaced among the same seals is refused, after what came before', async () => {
  const { names, code } = await entriesBy([first, second, first], new Map());

  expect(names).toEqual([
    [10, first.keyId],
    [11, 'tx:0'],
    [12, second.keyId],
    [13, 'tx:1'],
  ]);
  expect(code).toBe('key-replaced');
});

test('each key is looked up once', async () => {
  const { names, asked } = await entriesBy([second, second], new Map([[first.keyId, 3]]));

  expect(names).toEqual([
    [10, second.keyId],
    [11, 'tx:0'],
    [12, 'tx:1'],
  ]);
  expect(asked).toEqual([first.keyId, second.keyId]);
});
