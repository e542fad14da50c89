import { afterAll, beforeAll } from '@jest/globals';
import { dynamoContents } from '../../../adapters/aws/contents.ts';
import { contentsContract } from '../../contract/contents-contract.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { testTables } from './aws-world.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.stop());

contentsContract('aws', () => {
  const tables = testTables(emulator);
  const { evidence } = tables.names;
  return {
    contents: dynamoContents(tables.client(), evidence),
    other: dynamoContents(tables.client(), evidence),
    close: () => tables.close(),
  };
});
