import { z } from 'zod';

/** How far an audit goes: says what it found; proposes plans that wait for a person; runs them. */
export const AuditMode = z.enum(['report', 'propose', 'apply']);
export type AuditMode = z.infer<typeof AuditMode>;

/** The small document that the state machine of an audit carries; all else is in its documents. */
export const AuditState = z.strictObject({
  /** Empty until the account has been read. */
  auditId: z.string().max(64),
  accountId: z.string().regex(/^\d{12}$/),
  mode: AuditMode,
  /** The first plan of the page that comes next. */
  index: z.int().min(0),
  next: z.string().max(32),
  error: z.object({ Error: z.string(), Cause: z.string().exactOptional() }).exactOptional(),
});
export type AuditState = z.infer<typeof AuditState>;

/** Who proposes in a mode: one agent's plans run by themselves, the other's wait for a person. */
export const AGENT_OF: Readonly<Record<AuditMode, string>> = {
  report: 'iam-auditor',
  propose: 'iam-auditor-propose',
  apply: 'iam-auditor',
};
