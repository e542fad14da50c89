import type { z } from 'zod';
import type { ReplayReport } from '../json-shapes.ts';
import type { Colors } from '../output.ts';

type Report = z.infer<typeof ReplayReport>;
type One = Report['transactions'][number];

/** What came of replays: those that hold in one line, the others in full. */
export function replaysText({ transactions }: Report, colors: Colors): string {
  const [only] = transactions;
  if (only === undefined) return 'no transactions';
  if (transactions.length === 1) return oneText(only, colors);
  const bad = transactions.filter(({ ok }) => !ok);
  const records = transactions.reduce((sum, one) => sum + one.records, 0);
  const held = `${transactions.length - bad.length} of ${transactions.length} transactions replay`;
  const line = `${held}: ${records} records came out the same`;
  return [
    ...bad.map((one) => oneText(one, colors)),
    bad.length === 0 ? colors.green(line) : colors.red(line),
  ].join('\n');
}

function oneText({ streamId, ok, records, seals, executions, divergence }: One, colors: Colors) {
  if (ok || divergence === undefined) {
    const same = `${records} records and ${seals} seal(s) came out the same`;
    return `${streamId}: ${colors.green(same)}, in ${executions} execution(s)`;
  }
  const { seq, field, message, recorded, replayed } = divergence;
  const lines = [
    `${streamId}: ${colors.red(`diverges at record ${seq}`)}: ${message}`,
    ...(field === '' ? [] : [`  at:        ${field}`]),
    ...(recorded === undefined ? [] : [`  recorded:  ${recorded}`]),
    ...(replayed === undefined ? [] : [`  replayed:  ${replayed}`]),
  ];
  return lines.join('\n');
}
