import { z } from 'zod';
import { InvariantError } from '../../../core/errors.ts';
import { Plan } from '../../../core/plan.ts';
import type { AuditDocuments } from './ports.ts';

const Status = z.string().max(32);

/** The plans of an audit, in order. */
export const Plans = z.object({
  plans: z.array(z.object({ id: z.string(), principalArn: z.string(), plan: Plan })),
});

/** What policy would say to a page of plans. */
export const DryRuns = z.object({
  dryRuns: z.array(
    z.object({ proposalId: z.string(), answer: Status, code: z.string().exactOptional() }),
  ),
});

const Line = z.object({ proposalId: z.string(), transactionId: z.string(), status: Status });
export type Line = z.infer<typeof Line>;

/** How far the transactions of an audit are. */
export const Progress = z.object({
  /** Before the account was read, epoch milliseconds. */
  startedAt: z.int().min(0),
  /** The first plan that was not proposed yet. */
  next: z.int().min(0),
  open: z.array(Line),
  ended: z.array(Line),
  refused: z.array(z.object({ proposalId: z.string(), code: z.string() })),
});
export type Progress = z.infer<typeof Progress>;

/** The progress of an audit that has proposed nothing. */
export function beginning(startedAt: number): Progress {
  return { startedAt, next: 0, open: [], ended: [], refused: [] };
}

/** A document that an earlier step has written. */
export async function required<Document>(
  documents: AuditDocuments,
  { auditId, name }: { readonly auditId: string; readonly name: string },
  schema: z.ZodType<Document>,
): Promise<Document> {
  const found = await documents.load(auditId, name);
  if (found === undefined) throw new InvariantError(`audit \`${auditId}\` must have \`${name}\``);
  return schema.parse(found);
}
