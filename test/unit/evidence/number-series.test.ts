import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { strictText } from '../../../core/evidence/canonical.ts';
import { canonicalText } from '../../../core/hash.ts';
import { codeOf } from './support/code-of.ts';
import { say } from './support/shared-vectors.ts';

const {
  series,
  first,
}: {
  readonly series: readonly {
    readonly sha256: string;
    readonly lines: number;
    readonly bytes: number;
  }[];
  /** IEEE 754 doubles, hex: what the series begins with. */
  readonly first: readonly string[];
} = JSON.parse(readFileSync('test/vectors/es6-numbers.json', 'utf8'));

const LINES = 1_000_000;
/** Every how many-th number that evidence must refuse is tried: an error costs far more than a text. */
const STRIDE = 1000;
const SUBNORMALS = 2000;
const SMALLEST_NORMAL = 0x0010000000000000n;

/** The numbers of the series: edge cases, then consecutive ones, then the doubles in a chain of
 * SHA-256 from 32 zero bytes, little-endian, zeros and what is not finite left out. */
function* numbers(): Generator<number> {
  const view = new DataView(new ArrayBuffer(8));
  const doubleOf = (bits: bigint): number => {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  };
  for (const hex of first) yield doubleOf(BigInt(`0x${hex}`));
  for (let index = 0; index < SUBNORMALS; index++) yield doubleOf(SMALLEST_NORMAL + BigInt(index));
  for (let block = Buffer.alloc(32); ; ) {
    block = createHash('sha256').update(block).digest();
    for (let at = 0; at < block.length; at += 8) {
      const value = block.readDoubleLE(at);
      if (value !== 0 && Number.isFinite(value)) yield value;
    }
  }
}

describe('the number series of RFC 8785', () => {
  it('has the published digest, to one million lines', () => {
    const hash = createHash('sha256');
    const bits = new DataView(new ArrayBuffer(8));
    const marks = new Map(series.map((mark) => [mark.lines, mark]));
    let [count, bytes, reached, integers, refused] = [0, 0, 0, 0, 0];
    let batch = '';
    for (const value of numbers()) {
      bits.setFloat64(0, value);
      const text = canonicalText(value);
      batch += `${bits.getBigUint64(0).toString(16)},${text}\n`;
      count++;
      if (Number.isSafeInteger(value)) {
        if (strictText(value) !== text) throw new Error(`evidence writes ${text} otherwise`);
        integers++;
      } else if (count % STRIDE === 0) {
        expect(codeOf(() => strictText(value))).toBe('record-not-canonical');
        refused++;
      }
      const mark = marks.get(count);
      if (mark === undefined && batch.length < 1e6) continue;
      hash.update(batch);
      bytes += batch.length;
      batch = '';
      if (mark === undefined) continue;
      expect({ bytes, sha256: hash.copy().digest('hex') }).toEqual({
        bytes: mark.bytes,
        sha256: mark.sha256,
      });
      reached++;
      if (count === LINES) break;
    }

    say(`number series: ${count} lines, ${integers} integers, ${refused} of the others refused`);
    expect(reached).toBe(series.length);
    expect(count).toBe(LINES);
  });
});
