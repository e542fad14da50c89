import { describe, expect, it } from '@jest/globals';
import { bytesOfText } from '../../../core/evidence/bytes.ts';
import { strictBytes } from '../../../core/evidence/canonical.ts';
import type { EvidenceRecord } from '../../../core/evidence/index.ts';
import {
  CONTROL_RECORD_KINDS,
  parseRecord,
  RECORD_BYTES_MAX,
  recordBytes,
  TRANSACTION_RECORD_KINDS,
} from '../../../core/evidence/index.ts';
import { codeOf } from './support/code-of.ts';

const DIGEST = 'a'.repeat(64);
const RECORD: EvidenceRecord = {
  v: 1,
  streamId: 'tx:01',
  seq: 0,
  kind: 'claimed',
  at: '2026-11-25T03:00:00.000Z',
  epoch: 1,
  stepIndex: 2,
  attempt: 1,
  actor: 'agent:iam-auditor',
  data: { attemptId: 'a' },
  observations: [{ port: 'clock.now', requestDigest: DIGEST, answer: 1 }],
};
const OBSERVATION = RECORD.observations[0];

function messageOf(value: unknown): string {
  try {
    parseRecord(strictBytes(value));
    return 'none';
  } catch (error) {
    return String(error);
  }
}

describe('a record', () => {
  it('comes back from its bytes as it was', () => {
    expect(parseRecord(recordBytes(RECORD))).toEqual(RECORD);
  });

  it('comes back without a step, an attempt and observations', () => {
    const { stepIndex, attempt, ...others } = RECORD;
    const record = { ...others, observations: [] };

    expect(parseRecord(recordBytes(record))).toEqual(record);
  });

  it.each([
    ['v', '1'],
    ['streamId', 'tx:'],
    ['streamId', 'other:01'],
    ['streamId', `tx:${'a'.repeat(129)}`],
    ['streamId', 'tx:01\n'],
    ['seq', -1],
    ['seq', '0'],
    ['kind', 'Claimed'],
    ['kind', 'invented'],
    ['kind', 'kill-switch'],
    ['at', '2026-11-25T03:00:00Z'],
    ['at', '2026-13-25T03:00:00.000Z'],
    ['at', '2026-11-25T24:00:00.000Z'],
    ['at', '2026-11-25T03:00:00.000+01:00'],
    ['at', 1],
    ['epoch', -1],
    ['stepIndex', -1],
    ['stepIndex', true],
    ['attempt', 'one'],
    ['actor', 'agent:'],
    ['actor', 'somebody'],
    ['actor', 'operator:'],
    ['data', []],
    ['data', 'text'],
    ['observations', {}],
    ['observations', 'none'],
  ])('is refused for `%s` of %j, by name', (name, value) => {
    const record = { ...RECORD, [name]: value };

    expect(codeOf(() => parseRecord(strictBytes(record)))).toBe('record-malformed');
    expect(messageOf(record)).toContain(`\`${name}\``);
  });

  it.each([
    ['port', ''],
    ['port', 'p'.repeat(129)],
    ['port', 1],
    ['requestDigest', 'A'.repeat(64)],
    ['requestDigest', 'a'.repeat(63)],
    ['other', 1],
  ])('is refused for `%s` of %j in an observation, by name', (name, value) => {
    const observations = [OBSERVATION, { ...OBSERVATION, [name]: value }];

    expect(messageOf({ ...RECORD, observations })).toContain(`\`observations.1.${name}\``);
  });

  it('is refused without any one of its fields, and with one more', () => {
    for (const name of Object.keys(RECORD)) {
      if (name === 'stepIndex' || name === 'attempt') continue;
      const fields = Object.entries(RECORD).filter(([key]) => key !== name);

      expect(messageOf(Object.fromEntries(fields))).toContain(`\`${name}\``);
    }
    for (const name of Object.keys(OBSERVATION ?? {})) {
      const fields = Object.entries(OBSERVATION ?? {}).filter(([key]) => key !== name);
      const observations = [Object.fromEntries(fields)];

      expect(messageOf({ ...RECORD, observations })).toContain(`\`observations.0.${name}\``);
    }
    expect(messageOf({ ...RECORD, note: 'x' })).toContain('`note`');
    expect(messageOf(JSON.parse(`{"__proto__":1,${JSON.stringify(RECORD).slice(1)}`))).toContain(
      '`__proto__`',
    );
  });

  it.each(['"text"', '1', 'true', '[]', '{}'])('is not %s', (text) => {
    expect(codeOf(() => parseRecord(bytesOfText(text)))).toBe('record-malformed');
  });

  it('is refused with `null` as an observation or as all of it', () => {
    expect(codeOf(() => parseRecord(bytesOfText('null')))).toBe('record-not-canonical');
    expect(messageOf({ ...RECORD, observations: ['x'] })).toContain('`observations.0.record`');
  });

  it('is refused in a later version, by its code', () => {
    expect(codeOf(() => parseRecord(strictBytes({ ...RECORD, v: 2 })))).toBe('record-version');
    expect(codeOf(() => parseRecord(strictBytes({ v: 2 })))).toBe('record-version');
  });

  it('is bounded, when it is written and when it is read', () => {
    const large = { ...RECORD, data: { text: 'x'.repeat(RECORD_BYTES_MAX) } };
    const overhead = recordBytes({ ...RECORD, data: { text: '' } }).length;
    const largest = { ...RECORD, data: { text: 'x'.repeat(RECORD_BYTES_MAX - overhead) } };

    expect(recordBytes(largest).length).toBe(RECORD_BYTES_MAX);
    expect(parseRecord(recordBytes(largest))).toEqual(largest);
    expect(codeOf(() => recordBytes(large))).toBe('record-too-large');
    expect(codeOf(() => parseRecord(strictBytes(large)))).toBe('record-too-large');
  });

  it('is not written with what has no canonical form', () => {
    for (const answer of [0.5, null, undefined, 2 ** 53]) {
      const record = { ...RECORD, data: { answer } } as unknown as EvidenceRecord;

      expect(codeOf(() => recordBytes(record))).toBe('record-not-canonical');
    }
  });

  it('takes every kind of its stream', () => {
    for (const kind of TRANSACTION_RECORD_KINDS) {
      expect(messageOf({ ...RECORD, kind })).toBe('none');
    }
    for (const kind of CONTROL_RECORD_KINDS) {
      expect(messageOf({ ...RECORD, kind, streamId: 'control:2026-11-25' })).toBe('none');
    }
    expect(messageOf({ ...RECORD, kind: 'completed', streamId: 'llm:01' })).toBe('none');
    expect(messageOf({ ...RECORD, kind: 'Completed', streamId: 'llm:01' })).toContain('`kind`');
  });
});
