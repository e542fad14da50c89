import { propose } from '../agents/iam-auditor/audit/propose.ts';
import { auditHandler } from './auditing.ts';

export const handler = auditHandler(propose);
