import { z } from 'zod';
import { auditAccount } from '../report.ts';
import { required } from './documents.ts';
import type { AuditStep } from './ports.ts';
import { AGENT_OF } from './state.ts';

/** A person may look at it tomorrow. */
const WAITING_DEADLINE_MS = 24 * 60 * 60 * 1000;

/** Judges the account; the report is what an audit is read by, its plans are what follows. */
export const validate: AuditStep = async ({ documents }, state) => {
  const { auditId, mode } = state;
  const account = await required(documents, { auditId, name: 'account' }, z.looseObject({}));
  const report = auditAccount(account, {
    agent: AGENT_OF[mode],
    ...(mode === 'propose' ? { deadlineMs: WAITING_DEADLINE_MS } : {}),
  });
  await documents.save(auditId, 'report', report);
  const isOver = mode === 'report' || report.plans.length === 0;
  return { ...state, index: 0, next: isOver ? 'done' : 'propose' };
};
