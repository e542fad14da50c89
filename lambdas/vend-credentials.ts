import { VendRequest } from '../adapters/aws/remote-vault.ts';
import { handler as asHandler, parseEvent } from './handler.ts';
import { vend } from './vending.ts';

export const handler = asHandler(async (event) => vend(parseEvent(VendRequest, event)));
