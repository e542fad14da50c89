import { rollback } from '../agents/iam-auditor/audit/rollback.ts';
import { auditHandler } from './auditing.ts';

export const handler = auditHandler(rollback);
