import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CheckpointShape,
  EvidenceKey,
  EvidenceOfAll,
  EvidenceVerdictShape,
  Exported,
  KeyRotated,
} from '../../cli/json-shapes.ts';
import { scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';
import { goOn } from './support/log-folder.ts';

let scratch: string;
let data: string;
let ids: readonly string[];
const file = (name: string) => join(scratch, name);
const on = (...args: readonly string[]) => [...args, '--data', data];
/** As an outsider runs it, who has no data folder. */
const outside = (...args: readonly string[]) => [...args, '--data', file('none')];

beforeAll(async () => {
  scratch = scratchFolder();
  data = file('data');
  ids = await goOn(data, 'detach-legacy');
});
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

describe('evidence on the command line', () => {
  test('has a checkpoint that others can keep, and two keys', async () => {
    const checkpoint = await interlockJson(CheckpointShape, on('evidence', 'checkpoint'));
    const printed = await interlock(on('evidence', 'checkpoint'));
    const log = await interlockJson(EvidenceKey, on('evidence', 'key'));
    const seal = await interlockJson(EvidenceKey, on('evidence', 'key', '--seal'));

    fs.writeFileSync(file('kept.txt'), printed.stdout);
    expect(printed).toMatchObject({ code: 0, stdout: checkpoint.value.note });
    expect(checkpoint.value.origin).toBe(`interlock.dev/log/${log.value.keyId.slice(0, 16)}`);
    expect(checkpoint.value.size).toBe(3);
    expect(log.value.keyId).not.toBe(seal.value.keyId);
    fs.writeFileSync(file('log.pem'), log.value.publicKey);
  });

  test('goes over to another key; the one of the log stays enough for an outsider', async () => {
    const refused = await interlock(on('evidence', 'rotate-key', '--reason', 'yearly', '--json'));
    const empty = await interlock(on('evidence', 'rotate-key', '--reason', ' ', '--yes', '--json'));
    const rotated = await interlockJson(
      KeyRotated,
      on('evidence', 'rotate-key', '--reason', 'yearly', '--yes'),
    );
    const [later = ''] = await goOn(data, 'trim-portal');

    expect([refused.code, errorOf(refused).code]).toEqual([2, 'confirmation-needed']);
    expect([empty.code, errorOf(empty).code]).toEqual([2, 'invalid-reason']);
    expect(rotated.value.keyId).not.toBe(rotated.value.replaces);
    for (const id of [ids[0] ?? '', later]) {
      const out = file(`${id}.json`);
      const since = ['--since', file('kept.txt')];
      const exported = await interlockJson(
        Exported,
        on('tx', 'export', id, '--out', out, ...since),
      );
      const trust = ['--trust', file('log.pem'), '--checkpoint', file('kept.txt')];
      const verdict = await interlockJson(
        EvidenceVerdictShape,
        outside('evidence', 'verify', out, ...trust),
      );

      expect(exported.value).toMatchObject({ seals: 1, logged: 1 });
      expect([verdict.code, verdict.value.ok]).toEqual([0, true]);
      expect(verdict.value.complete.reason).toContain('continues the pinned one of 3');
    }
  });

  test('verifies all of it, against a kept checkpoint too', async () => {
    const all = await interlockJson(
      EvidenceOfAll,
      on('evidence', 'verify', '--all', '--checkpoint', file('kept.txt')),
    );

    expect(all.code).toBe(0);
    expect(all.value).toMatchObject({ ok: true, log: { ok: true, pending: 0, problems: [] } });
    expect(all.value.control).toEqual({ checked: 1, valid: 1, streams: [] });
  });

  test('shows a folder that was forked, and exports nothing that would hide it', async () => {
    const fork = file('fork');
    fs.cpSync(data, fork, { recursive: true });
    await goOn(data, 'narrow-ci-deploy');
    await goOn(fork, 'narrow-ci-deploy');
    const { stdout } = await interlock(on('evidence', 'checkpoint'));
    fs.writeFileSync(file('newer.txt'), stdout);
    const pinned = ['--checkpoint', file('newer.txt'), '--data', fork];

    const all = await interlock(['evidence', 'verify', '--all', ...pinned]);
    const exported = await interlock([
      ...['tx', 'export', ids[0] ?? '', '--out', file('forked.json'), '--json'],
      ...['--since', file('newer.txt'), '--data', fork],
    ]);

    expect(all.code).toBe(6);
    expect(all.stdout).toContain('the pinned checkpoint: the log has another root');
    expect([exported.code, errorOf(exported).code]).toEqual([6, 'log-inconsistent']);
    expect(fs.existsSync(file('forked.json'))).toBe(false);
  });

  test('says what is missing', async () => {
    const nothing = await interlock(outside('evidence', 'checkpoint', '--json'));
    fs.writeFileSync(file('text.txt'), 'no note\n');
    const malformed = await interlock(
      on('evidence', 'verify', '--all', '--checkpoint', file('text.txt')),
    );

    expect(errorOf(nothing).code).toBe('data-folder-not-found');
    expect(malformed.code).toBe(6);
    expect(malformed.stdout).toContain('the pinned checkpoint: not a checkpoint');
  });
});
