import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  DryRun,
  EvidenceKey,
  EvidenceOfAll,
  EvidenceVerdictShape,
  Exported,
  Proposed,
  TransactionDetail,
  TransactionList,
  TransactionSummary,
} from '../../cli/json-shapes.ts';
import { contentOf, inFolder, planFile, scratchFolder } from './cli-folder.ts';
import { errorOf, interlock, interlockJson } from './cli-process.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins so
const ESCAPE = /\u001b/;

describe('transactions on the command line', () => {
  const scratch = scratchFolder();
  const data = join(scratch, 'data');
  const on = (...args: string[]) => [...args, '--data', data];
  let committed = '';

  beforeAll(() => inFolder({ data }, async () => undefined));
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  test('a dry run says what would happen and writes nothing', async () => {
    const before = contentOf(data);

    const [fine, denied, text] = await Promise.all([
      interlockJson(DryRun, on('tx', 'propose', planFile('narrow-ci-deploy'), '--dry-run')),
      interlockJson(DryRun, on('tx', 'propose', planFile('refused-by-policy'), '--dry-run')),
      interlock(on('tx', 'propose', planFile('refused-protected'), '--dry-run')),
    ]);

    expect(contentOf(data)).toEqual(before);
    expect([fine.code, fine.value.answer]).toEqual([0, 'allow']);
    expect(fine.value.steps.map(({ decision }) => decision.answer)).toEqual(['allow', 'allow']);
    expect(fine.value.steps[1]?.before).toMatchObject({ attached: true });
    expect(fine.value.steps[1]?.after).toMatchObject({ attached: false });
    expect([denied.code, denied.value.answer]).toEqual([7, 'deny']);
    expect(denied.value.steps[0]?.facts.widens).toBe(true);
    expect(denied.value.steps[0]?.decision.reasons).toEqual([
      { id: 'no-step-may-widen', advice: expect.stringContaining('would give somebody') },
    ]);
    expect(text.code).toBe(7);
    expect(text.stdout).toContain('such a change is made by hand');
  });

  test('a plan runs to its end, with progress on stderr only', async () => {
    const key = ['--key', 'nightly'];

    const text = await interlock(on('tx', 'propose', planFile('close-temporary-access'), ...key));
    const again = await interlockJson(
      Proposed,
      on('tx', 'propose', planFile('close-temporary-access'), ...key),
    );

    committed = again.value.transaction.id;
    expect(text.code).toBe(0);
    expect(text.stdout).toBe(`${committed}  committed\n`);
    expect(text.stderr).toContain('step 3: verified');
    expect(text.stdout + text.stderr).not.toMatch(ESCAPE);
    // The same key and plan are one transaction, which is not run twice.
    expect(again).toMatchObject({ code: 0, value: { isNew: false, idempotencyKey: 'nightly' } });
  });

  test('the same key with another plan is refused', async () => {
    const ended = await interlock(
      on('tx', 'propose', planFile('detach-legacy'), '--key', 'nightly', '--json'),
    );

    expect(ended.code).toBe(2);
    expect(errorOf(ended).code).toBe('idempotency-key-reused');
  });

  test('a plan that policy refuses is rejected, with the policy named', async () => {
    const { code, value } = await interlockJson(
      Proposed,
      on('tx', 'propose', planFile('refused-by-policy')),
    );

    expect(code).toBe(7);
    expect(value.transaction).toMatchObject({
      status: 'rejected',
      reason: { code: 'denied', stepIndex: 0, message: 'denied by `no-step-may-widen`' },
    });
  });

  test('lists, filters and pages', async () => {
    const [first, rejected] = await Promise.all([
      interlockJson(TransactionList, on('tx', 'list', '--limit', '1')),
      interlockJson(TransactionList, on('tx', 'list', '--status', 'rejected')),
    ]);
    const after = ['--after', first.value.next ?? ''];
    const second = await interlockJson(TransactionList, on('tx', 'list', ...after));

    expect(first.value.transactions.map(({ status }) => status)).toEqual(['rejected']);
    expect(second.value.transactions.map(({ id }) => id)).toEqual([committed]);
    expect(second.value.next).toBeUndefined();
    expect(rejected.value.transactions).toEqual(first.value.transactions);
  });

  test('shows steps, records and seal', async () => {
    const { code, value } = await interlockJson(TransactionDetail, on('tx', 'show', committed));

    expect(code).toBe(0);
    expect(value.steps.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
    expect(value.records.map(({ seq }) => seq)).toEqual([...value.records.keys()]);
    expect(value.seal).toMatchObject({
      treeSize: value.records.length,
      status: 'committed',
      final: true,
    });
  });

  test('exports evidence that verifies, the same bytes twice, and replaces nothing', async () => {
    const out = join(scratch, 'evidence.json');

    const first = await interlockJson(Exported, on('tx', 'export', committed, '--out', out));
    const bytes = fs.readFileSync(out);
    const refused = await interlock(on('tx', 'export', committed, '--out', out, '--json'));
    const forced = await interlock(on('tx', 'export', committed, '--out', out, '--force'));

    expect(first).toMatchObject({ code: 0, value: { seals: 1, bytes: bytes.length } });
    expect([refused.code, errorOf(refused).code]).toEqual([2, 'file-exists']);
    expect(forced.code).toBe(0);
    expect(fs.readFileSync(out).equals(bytes)).toBe(true);
  });

  test('verifies a file: ours, a stranger’s, a named key’s, a damaged one', async () => {
    const out = join(scratch, 'evidence.json');
    const damaged = join(scratch, 'damaged.json');
    const bundle = JSON.parse(fs.readFileSync(out, 'utf8')) as { records: string[] };
    bundle.records.splice(3, 1);
    fs.writeFileSync(damaged, `${JSON.stringify(bundle)}\n`);
    const key = await interlockJson(EvidenceKey, on('evidence', 'key'));
    const elsewhere = ['--data', join(scratch, 'none')];
    const verify = (...args: string[]) =>
      interlockJson(EvidenceVerdictShape, ['evidence', 'verify', ...args]);

    const own = await verify(...on(out));
    const [strange, named] = await Promise.all([
      verify(out, ...elsewhere),
      verify(out, '--trust', key.value.keyId, ...elsewhere),
    ]);
    const [embedded, broken] = await Promise.all([
      verify(out, '--trust-embedded-key', ...elsewhere),
      verify(...on(damaged)),
    ]);

    expect([own.code, own.value.ok]).toEqual([0, true]);
    expect([strange.code, strange.value.signer.ok]).toEqual([6, 'unknown']);
    expect([named.code, named.value.ok]).toEqual([0, true]);
    expect([embedded.code, embedded.value.ok]).toEqual([0, true]);
    expect([broken.code, broken.value.integrity.ok]).toEqual([6, false]);
    expect(fs.existsSync(join(scratch, 'none'))).toBe(false);
  });

  test('an undo waits for an approval, and can be cancelled', async () => {
    const undo = await interlockJson(TransactionSummary, on('tx', 'undo', committed));
    const { id } = undo.value;
    const open = await interlockJson(EvidenceOfAll, on('evidence', 'verify', '--all'));
    const refused = await interlock(on('tx', 'cancel', id, '--json'));
    const cancelled = await interlockJson(TransactionSummary, on('tx', 'cancel', id, '--yes'));
    const all = await interlockJson(EvidenceOfAll, on('evidence', 'verify', '--all'));

    expect([undo.code, undo.value.status]).toEqual([8, 'awaiting-approval']);
    expect(open.code).toBe(6);
    expect([refused.code, errorOf(refused).code]).toEqual([2, 'confirmation-needed']);
    expect(cancelled).toMatchObject({ code: 0, value: { reason: { code: 'cancelled' } } });
    expect([open.value.checked, open.value.valid, open.value.streams.length]).toEqual([3, 2, 1]);
    expect(all).toMatchObject({ code: 0, value: { checked: 3, valid: 3, streams: [] } });
    expect(all.value.control).toMatchObject({ checked: 1, valid: 1, streams: [] });
    expect(all.value.log).toMatchObject({ ok: true, pending: 0, problems: [] });
  });
});
