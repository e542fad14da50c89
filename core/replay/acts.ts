import { InvariantError } from '../errors.ts';
import type { EvidenceRecord } from '../evidence/record.ts';
import { approve, refuse } from '../tasks/approve.ts';
import type { Caller } from '../tasks/operate.ts';
import type { Ports } from '../tasks/ports.ts';
import { resolve } from '../tasks/resolve.ts';
import type { Resolution, Transaction } from '../transaction.ts';

const ACTS: ReadonlySet<string> = new Set(['approved', 'refused', 'resolved']);

/** True for the record of what an operator did from outside, which no task writes. */
export function isAct({ kind }: EvidenceRecord): boolean {
  return ACTS.has(kind);
}

/** Does what the operator of a record did. */
export async function performAct(
  ports: Ports,
  { id }: Transaction,
  { kind, actor, data }: EvidenceRecord,
): Promise<void> {
  const caller: Caller = { type: 'Operator', id: actor.slice('operator:'.length) };
  const text = (member: string): string => data[member] as string;
  switch (kind) {
    case 'approved': {
      const seen = { planDigest: text('planDigest'), dryRunDigest: text('dryRunDigest') };
      await approve(ports, caller, { id, ...seen });
      return;
    }
    case 'refused':
      await refuse(ports, caller, { id, reason: text('reason') });
      return;
    case 'resolved': {
      const as = text('as') as Resolution['as'];
      await resolve(ports, caller, { id, as, reason: text('reason') });
      return;
    }
    default:
      throw new InvariantError(`\`${kind}\` is no act of an operator`);
  }
}
