import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetFunctionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PYTHON } from './emulator/emulator.ts';
import { functionNamed, type World } from './world.ts';

/** Grants nothing that was not granted, and is another policy set all the same. */
const POLICY = `@id("proposes-again")
permit (
  principal == Agent::"iam-auditor",
  action == Action::"transaction:Propose",
  resource is Account
);`;
const ADD = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "a") as archive:
    archive.write(sys.argv[2], "policies/proposes-again.cedar")`;

/** Deploys a function with one more policy, as a deployment in between does; gives it back after. */
export async function deployOtherPolicies(
  { emulator, lambda, functions }: Pick<World, 'emulator' | 'lambda' | 'functions'>,
  entry: string,
): Promise<() => Promise<void>> {
  const FunctionName = functionNamed({ functions }, entry);
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
  const { pathname, search } = new URL(Code?.Location ?? '');
  const answer = await fetch(`${emulator.endpoint}${pathname}${search}`);
  const before = Buffer.from(await answer.arrayBuffer());
  const deploy = async (ZipFile: Uint8Array) => {
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  };
  const folder = await mkdtemp(join(tmpdir(), 'interlock-policies-'));
  try {
    const zip = join(folder, 'code.zip');
    const policy = join(folder, 'policy.cedar');
    await writeFile(zip, before);
    await writeFile(policy, POLICY);
    await promisify(execFile)(PYTHON, ['-c', ADD, zip, policy]);
    await deploy(await readFile(zip));
  } finally {
    await rm(folder, { recursive: true });
  }
  return () => deploy(before);
}
