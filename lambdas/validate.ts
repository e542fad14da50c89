import { validate } from '../agents/iam-auditor/audit/validate.ts';
import { auditHandler } from './auditing.ts';

export const handler = auditHandler(validate);
