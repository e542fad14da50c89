import { openAccount } from '../../adapters/embedded/account/account.ts';
import { parseDetails } from '../../adapters/embedded/account/gaad.ts';
import { enumerateAccount } from '../../agents/iam-auditor/enumerate.ts';
import type { Severity } from '../../agents/iam-auditor/finding.ts';
import type { AuditReport } from '../../agents/iam-auditor/report.ts';
import { FOREIGN_JSON } from '../../api/strict-json.ts';
import { NotFoundError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { requireDataFolder } from '../open.ts';
import { ACCOUNT_FILE_BYTES_MAX, readJsonFile } from '../read-json-file.ts';
import { isAtLeast } from './severity.ts';

/** What the command line asks of an audit. */
export interface Wanted {
  readonly accountFile?: string;
  readonly writeTo?: string;
  readonly failOn?: Severity;
  readonly isConfirmed: boolean;
}

/** The account file's value. Throws `InvalidInputError` that names the place. */
export function readAccountFile(path: string): unknown {
  const value = readJsonFile(path, ACCOUNT_FILE_BYTES_MAX, FOREIGN_JSON);
  // What the account or the auditor would refuse is refused before anything is made.
  parseDetails(value);
  enumerateAccount(value);
  return value;
}

/** The account that is asked for: of the file, or the one that the data folder holds. */
export function wantedAccount({ accountFile }: Wanted, data: string): unknown {
  if (accountFile !== undefined) return readAccountFile(accountFile);
  const account = openAccount(requireDataFolder(data).account);
  try {
    return requireLoaded(account.toGaad(), data);
  } finally {
    account.close();
  }
}

/** Throws `NotFoundError` (`account-not-loaded`) where no file was loaded yet. */
export function requireLoaded<Gaad extends Readonly<Record<string, unknown>>>(
  gaad: Gaad,
  data: string,
): Gaad {
  const isEmpty = Object.values(gaad).every((list) => Array.isArray(list) && list.length === 0);
  if (!isEmpty) return gaad;
  throw new NotFoundError(
    'account-not-loaded',
    `the data folder \`${data}\` holds no account yet`,
    {
      hint: 'name a file with --account',
    },
  );
}

/** 4 where a finding of the severity asked for, or a worse one, is there. */
export function failOnCode({ findings }: AuditReport, { failOn }: Wanted): ExitCode {
  const isMet = failOn !== undefined && findings.some((each) => isAtLeast(each, failOn));
  return isMet ? EXIT.failOnMet : EXIT.ok;
}
