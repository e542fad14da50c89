import { z } from 'zod';
import { seal } from '../core/tasks/seal.ts';
import { sealControl } from '../core/tasks/seal-control.ts';
import { handler as asHandler, type Handler, taskHandler } from './handler.ts';
import { openControlStreams } from './logging.ts';
import { openSigner } from './signing.ts';
import { openPorts } from './wiring.ts';

/** What the rule of each minute sends. */
const ControlStreams = z.strictObject({ seal: z.literal('control-streams') });
const open = openPorts({ signer: openSigner });

const sealTransaction = taskHandler(seal, open);
const sealControlStreams = asHandler(async () =>
  sealControl({ ...(await open()), control: openControlStreams() }),
);

/** Seals one transaction, or what is new in the control streams. */
export const handler: Handler = (event) =>
  ControlStreams.safeParse(event).success ? sealControlStreams(event) : sealTransaction(event);
