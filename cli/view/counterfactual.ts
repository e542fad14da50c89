import Table from 'cli-table3';
import type { z } from 'zod';
import { TRANSACTION_PREFIX } from '../../core/evidence/record.ts';
import type { Counterfactual } from '../../core/replay/counterfactual.ts';
import type { Turn } from '../../core/replay/counterfactual-ports.ts';
import type { CounterfactualReport } from '../json-shapes.ts';
import type { Colors } from '../output.ts';
import { oneLine } from './summary.ts';

type Report = z.infer<typeof CounterfactualReport>;
type One = Report['transactions'][number];

/** What another policy set would have made of a transaction, for JSON and people. */
export function counterfactualOf(streamId: string, found: Counterfactual): One {
  switch (found.verdict) {
    case 'same':
      return { streamId, verdict: 'same', status: found.status };
    case 'undetermined': {
      const { turn, why } = found;
      const at = turn === undefined ? {} : { turn: turnOf(turn) };
      return { streamId, verdict: 'undetermined', ...at, why };
    }
    case 'differs': {
      const { turn, would } = found;
      const { status, reason, compensates } = would;
      return {
        streamId,
        verdict: 'differs',
        turn: turnOf(turn),
        would: {
          status,
          compensates: [...compensates],
          ...(reason === undefined ? {} : { reason }),
        },
        sentence: sentenceOf(found),
      };
    }
  }
}

/** `would stop at step 3 by policy `x`, compensate 2 and 1, end `compensated``. */
function sentenceOf({ turn, would }: Counterfactual & { readonly verdict: 'differs' }): string {
  const parts = [turnText(turn)];
  const undone = would.compensates.map((stepIndex) => `${stepIndex + 1}`);
  if (undone.length > 0) parts.push(`compensate ${listed(undone)}`);
  parts.push(would.status === 'refused' ? 'never be accepted' : `end \`${would.status}\``);
  return `would ${parts.join(', ')}`;
}

function turnText({ action, stepIndex, answer }: Turn): string {
  const place = stepIndex === undefined ? `at \`${action}\`` : `at step ${stepIndex + 1}`;
  const ids = answer.reasons.map(({ id }) => `\`${id}\``);
  const by =
    ids.length === 0 ? '' : ` by ${ids.length === 1 ? 'policy' : 'policies'} ${listed(ids)}`;
  switch (answer.answer) {
    case 'allow':
      return `go on ${place}${by}`;
    case 'awaiting-approval':
      return `wait for ${answer.approvalsNeeded ?? 1} approval(s) ${place}${by}`;
    case 'deny':
      return `stop ${place}${by === '' ? `: no policy permits it` : by}`;
  }
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function turnOf({ seq, action, stepIndex, recorded, answer }: Turn): NonNullable<One['turn']> {
  const { code } = answer;
  return {
    seq,
    action,
    ...(stepIndex === undefined ? {} : { stepIndex }),
    recorded,
    answer: answer.answer,
    ...(code === undefined ? {} : { code }),
    policies: answer.reasons.map(({ id }) => id),
  };
}

/** The table of those that would not have been the same, and the counts. */
export function counterfactualsText(report: Report, colors: Colors): string {
  const { same, differs, undetermined, transactions } = report;
  const counts = `${transactions.length} transaction(s): ${same} the same, ${differs} would differ, ${undetermined} undetermined`;
  const others = transactions.filter(({ verdict }) => verdict !== 'same');
  if (others.length === 0) return colors.green(counts);
  const table = new Table({
    head: ['transaction', 'verdict', ''],
    style: { head: [], border: [] },
    colWidths: [null, null, 80],
    wordWrap: true,
  });
  for (const one of others) {
    const color = one.verdict === 'differs' ? colors.red : colors.yellow;
    table.push([one.streamId.slice(TRANSACTION_PREFIX.length), color(one.verdict), textOf(one)]);
  }
  return [table.toString(), colors.yellow(counts)].join('\n');
}

function textOf({ sentence, why, turn }: One): string {
  if (sentence !== undefined) return oneLine(sentence);
  const place = turn === undefined ? '' : `record ${turn.seq}, \`${turn.action}\`: `;
  return oneLine(`${place}${why ?? ''}`);
}
