import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { awsKillSwitch } from '../../../adapters/aws/kill-switch.ts';
import { fencingKillSwitch } from '../../../adapters/aws/parameter-follower.ts';

const fenceAt = (version: number, mode: string) => ({
  all: { S: mode },
  parameterVersion: { N: String(version) },
});

const open = ({ isReadable = true, fenced = 'running' } = {}) => {
  const time = { ms: 0 };
  const at = { fence: 1, parameter: 1 };
  const reads: string[] = [];
  const unreadable: unknown[] = [];
  const client = {
    send: async () => ({ Item: fenceAt(at.fence, fenced) }),
  } as unknown as DynamoDBClient;
  const ssm = {
    async send({ input }: { readonly input: { readonly Name: string } }) {
      reads.push(input.Name);
      if (!isReadable) throw Object.assign(new Error('no'), { name: 'ThrottlingException' });
      return { Parameter: { Value: 'running', Version: at.parameter } };
    },
  } as unknown as SSMClient;
  const parts = {
    ...{ client, ssm, parameter: '/kill-switch', now: () => time.ms },
    tables: { transactions: 't', evidence: 'e', decisions: 'd', log: 'l', pending: 'p' },
    onUnreadable: (error: unknown) => void unreadable.push(error),
  };
  return { parts, time, at, reads, unreadable };
};

describe.each([
  ['the kill switch', awsKillSwitch],
  ['the kill switch of those who decide', fencingKillSwitch],
])('%s', (_name, make) => {
  it('halts when it cannot be read, and tells why', async () => {
    const { parts, unreadable } = open({ isReadable: false });

    const mode = await make(parts).effective([]);

    expect(mode).toBe('halt');
    expect(unreadable).toEqual([expect.objectContaining({ code: 'kill-switch-unreachable' })]);
  });

  it('stays frozen where the fence says so when the parameter cannot be read', async () => {
    const { parts, unreadable } = open({ isReadable: false, fenced: 'freeze' });

    const mode = await make(parts).effective([]);

    expect(mode).toBe('freeze');
    expect(unreadable).toHaveLength(1);
  });

  it('reads the parameter once a second', async () => {
    const { parts, time, reads, unreadable } = open();
    const killSwitch = make(parts);

    for (time.ms = 0; time.ms < 3000; time.ms += 100)
      expect(await killSwitch.effective(['agent:a'])).toBe('running');

    expect(reads).toHaveLength(3);
    expect(unreadable).toEqual([]);
  });

  it.each([
    ['was written', { fence: 8, parameter: 8 }],
    ['was deleted and made again', { fence: 1, parameter: 1 }],
  ])('reads it at once when the fence says that it %s', async (_what, later) => {
    const { parts, at, reads } = open();
    Object.assign(at, { fence: 7, parameter: 7 });
    const killSwitch = make(parts);
    await killSwitch.effective([]);

    Object.assign(at, later);
    await killSwitch.effective([]);

    expect(reads).toHaveLength(2);
  });
});
