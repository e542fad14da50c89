import { seal } from '../core/tasks/seal.ts';
import { taskHandler } from './handler.ts';
import { openSigner } from './signing.ts';
import { openPorts } from './wiring.ts';

export const handler = taskHandler(seal, openPorts({ signer: openSigner }));
