import { enumerate } from '../agents/iam-auditor/audit/enumerate.ts';
import { auditHandler } from './auditing.ts';

export const handler = auditHandler(enumerate);
