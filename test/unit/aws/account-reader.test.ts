import {
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandInput,
  IAMClient,
} from '@aws-sdk/client-iam';
import type { AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { accountReader } from '../../../adapters/aws/account-reader.ts';
import { InvalidInputError, TransientError } from '../../../core/errors.ts';
import { ACCOUNT_ID } from '../../integration/support/small-account.ts';
import { named } from './fake-executions.ts';

const ROLE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/interlock/audit`;
const PAGES = [
  { UserDetailList: [{ UserName: 'ann' }], IsTruncated: true, Marker: 'one' },
  {
    RoleDetailList: [{ RoleName: 'app' }],
    UserDetailList: [{ UserName: 'bob' }],
    IsTruncated: true,
    Marker: 'two',
  },
  { Policies: [{ PolicyName: 'p' }], RoleDetailList: [{ RoleName: 'job' }], IsTruncated: false },
];

let assumed: AssumeRoleCommandInput[];
let asked: GetAccountAuthorizationDetailsCommandInput[];
let keys: string[];
let faults: { sts?: Error; page?: Error };
let pages: readonly object[];
beforeEach(() => {
  [assumed, asked, keys, faults, pages] = [[], [], [], {}, PAGES];
  jest.spyOn(IAMClient.prototype, 'send').mockImplementation(async function (
    this: IAMClient,
    command: unknown,
  ) {
    if (!(command instanceof GetAccountAuthorizationDetailsCommand)) throw new Error('unexpected');
    if (faults.page !== undefined && asked.length > 0) throw faults.page;
    keys.push((await this.config.credentials()).accessKeyId);
    asked.push({ ...command.input });
    return pages[asked.length - 1] ?? {};
  } as never);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const read = accountReader({
  sts: {
    async send({ input }: { readonly input: AssumeRoleCommandInput }) {
      if (faults.sts !== undefined) throw faults.sts;
      assumed.push(input);
      return {
        Credentials: { AccessKeyId: 'of-session', SecretAccessKey: 's', SessionToken: 't' },
      };
    },
  } as unknown as STSClient,
  iam: { region: 'eu-west-1' },
  roleArnOf: (accountId) => (accountId === ACCOUNT_ID ? ROLE_ARN : undefined),
});

describe('an account is not read', () => {
  test('when no role in it is known, and STS is not even asked', async () => {
    const reading = read('444455556666');

    await expect(reading).rejects.toBeInstanceOf(InvalidInputError);
    await expect(reading).rejects.toMatchObject({ code: 'account-not-audited' });
    expect(assumed).toEqual([]);
  });

  test('when STS refuses the role', async () => {
    faults.sts = named('AccessDenied');

    await expect(read(ACCOUNT_ID)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(asked).toEqual([]);
  });

  test.each([
    ['STS', 'sts', 'sts-unreachable'],
    ['IAM, in the middle', 'page', 'cloud-unreachable'],
  ] as const)('when %s is busy: it may be asked again', async (_, service, code) => {
    faults[service] = named('Throttling');

    const reading = read(ACCOUNT_ID);

    await expect(reading).rejects.toBeInstanceOf(TransientError);
    await expect(reading).rejects.toMatchObject({ code });
  });

  test('in part: a page that says there is more, and not where, is no end', async () => {
    pages = [{ ...PAGES[0], Marker: undefined }];

    await expect(read(ACCOUNT_ID)).rejects.toMatchObject({ code: 'account-incomplete' });
  });
});

describe('an account is read', () => {
  test('whole, each list over all its pages, in order', async () => {
    const account = await read(ACCOUNT_ID);

    expect(account).toEqual({
      UserDetailList: [{ UserName: 'ann' }, { UserName: 'bob' }],
      RoleDetailList: [{ RoleName: 'app' }, { RoleName: 'job' }],
      GroupDetailList: [],
      Policies: [{ PolicyName: 'p' }],
    });
    expect(asked.map(({ Marker }) => Marker)).toEqual([undefined, 'one', 'two']);
  });

  test('under a session of its audit role, and nothing else', async () => {
    await read(ACCOUNT_ID);

    expect(assumed).toEqual([
      { RoleArn: ROLE_ARN, RoleSessionName: 'interlock-audit', DurationSeconds: 900 },
    ]);
    expect(new Set(keys)).toEqual(new Set(['of-session']));
  });

  test('with a new session each time', async () => {
    await read(ACCOUNT_ID);
    asked.length = 0;
    await read(ACCOUNT_ID);

    expect(assumed).toHaveLength(2);
  });
});
