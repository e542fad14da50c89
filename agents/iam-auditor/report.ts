import { ACTION_DATA } from './action-data.ts';
import { enumerateAccount } from './enumerate.ts';
import type { Finding } from './finding.ts';
import { type Proposal, type ProposeAs, propose } from './propose.ts';
import { detect } from './validate.ts';

/** What an audit says about an account. */
export interface AuditReport {
  readonly account: {
    readonly id: string;
    readonly partition: string;
    /** How many users and roles were looked at. */
    readonly principals: number;
    /** ARNs of entities of other accounts: reported, not acted on. */
    readonly foreign: readonly string[];
    /** ARNs of service-linked and AWS-reserved roles. */
    readonly excluded: readonly string[];
  };
  /** The release of the action data; dates in conditions are judged as of that release. */
  readonly dataVersion: string;
  readonly findings: readonly Finding[];
  readonly plans: readonly Proposal[];
}

/** Audits the value of a GAAD file; pure. Throws `InvalidInputError` `invalid-account`. */
export function auditAccount(gaad: unknown, as: ProposeAs = {}): AuditReport {
  const { account, subjects, excluded, foreign } = enumerateAccount(gaad);
  const outcomes = subjects.map((subject) => propose(subject, detect(subject), as));
  return {
    account: {
      id: account.accountId,
      partition: account.partition,
      principals: subjects.length,
      foreign,
      excluded,
    },
    dataVersion: ACTION_DATA.version,
    findings: outcomes.flatMap((each) => each.findings),
    plans: outcomes.flatMap((each) => (each.proposal === undefined ? [] : [each.proposal])),
  };
}
