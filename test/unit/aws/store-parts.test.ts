import { describe, expect, it } from '@jest/globals';
import { type Item, rowKey, text } from '../../../adapters/aws/store-items.ts';
import { partOf, partReader } from '../../../adapters/aws/store-parts.ts';

const MIB = 1024 * 1024;

/** Rows with a plan of some bytes each, and a reader that counts the items it is asked for. */
const open = (plans: number, bytes: number) => {
  const ids = Array.from({ length: plans }, (_, index) => `tx-${index}`);
  const items = new Map<string, Item>();
  const rows = ids.map((id) => {
    const { pointer, items: chunks } = partOf(id, { id, text: 'x'.repeat(bytes) });
    for (const chunk of chunks) items.set(`${chunk['pk']?.S}|${chunk['sk']?.S}`, chunk);
    return { id, item: { ...rowKey(id), plan: text(pointer) } };
  });
  const asked: number[] = [];
  const read = partReader(async (keys) => {
    asked.push(keys.length);
    return keys.map(({ pk, sk }) => items.get(`${pk.S}|${sk.S}`) as Item);
  });
  return { rows, asked, read };
};

describe('the large parts of transactions', () => {
  it('are read once while they are small', async () => {
    const { rows, asked, read } = open(20, 1000);

    const first = await read(rows);
    const second = await read(rows);

    expect(asked).toEqual([20, 0]);
    expect(second).toEqual(first);
  });

  it('are not kept beyond the memory that a function has for them', async () => {
    const { rows, asked, read } = open(24, MIB);

    const first = await read(rows);
    const oldest = await read(rows.slice(0, 1));
    const newest = await read(rows.slice(-1));

    expect(asked.map((keys) => keys > 0)).toEqual([true, true, false]);
    expect([...oldest, ...newest]).toEqual([first[0], first.at(-1)]);
  });
});
