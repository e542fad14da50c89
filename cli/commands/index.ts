import type { AddCommand } from '../program.ts';
import { addAudit } from './audit.ts';
import { addDoctor } from './doctor.ts';
import { addDrift } from './drift.ts';
import { addEvidence } from './evidence.ts';
import { addKill } from './kill.ts';
import { addPolicy } from './policy.ts';
import { addReplay } from './replay.ts';
import { addResume } from './resume.ts';
import { addServe } from './serve.ts';
import { addToken } from './token.ts';
import { addTx } from './tx.ts';

/** Every command, in the order in which --help lists them. */
export const COMMANDS: readonly AddCommand[] = [
  addAudit,
  addTx,
  addDrift,
  addEvidence,
  addReplay,
  addKill,
  addResume,
  addPolicy,
  addServe,
  addToken,
  addDoctor,
];
