import { apply } from '../agents/iam-auditor/audit/apply.ts';
import { auditHandler } from './auditing.ts';

export const handler = auditHandler(apply);
