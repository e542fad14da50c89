import { z } from 'zod';
import { Plan } from '../core/plan.ts';
import { KILL_MODES } from '../core/ports/kill-switch.ts';
import { digest, STATUSES } from './shapes.ts';

// What callers send. Bounds of texts are the tasks' own: here stands the shape.

export { Plan };

/** A body with nothing in it. */
export const Nothing = z.strictObject({});

export const WithReason = z.strictObject({ reason: z.string() });

/** The yes of an operator, to exactly what was looked at. */
export const Approve = z.strictObject({ planDigest: digest, dryRunDigest: digest });

export const Resolution = z.strictObject({
  as: z.enum(['applied', 'restored']),
  reason: z.string(),
});

export const KillSwitchMove = z.strictObject({
  /** `all`, `agent:ID` or `action:ID`. */
  scope: z.string(),
  /** `running` releases. */
  mode: z.enum(KILL_MODES),
  reason: z.string(),
});

/** Transactions of one page, at most. */
export const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 20;

const integer = (name: string) => z.string().regex(/^\d{1,15}$/, `is not a ${name}`);

export const ListQuery = z.strictObject({
  status: z.enum(STATUSES).optional(),
  agent: z.string().max(64).optional(),
  action: z.string().max(128).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  limit: integer('number')
    .transform(Number)
    .pipe(z.int().min(1).max(LIMIT_MAX))
    .default(LIMIT_DEFAULT),
  after: z
    .string()
    .regex(/^[\w#-]{1,128}$/, 'is not the `next` of a page')
    .optional(),
});
export type ListQuery = z.output<typeof ListQuery>;

export const RecordQuery = z.strictObject({
  from: integer('number').transform(Number).default(0),
});

export const ProposeQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() });

export const TransactionPath = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not a transaction id'),
});

export const ProposeHeaders = z.object({
  'idempotency-key': z.string().min(1).max(128).optional(),
});
