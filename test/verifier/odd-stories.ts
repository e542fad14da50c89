import { bundleBytes } from '../../core/evidence/index.ts';
import type { Draft, Telling } from '../unit/evidence/support/draft.ts';
import { bundleOf, recordsOf, STREAM_ID, tellingOf } from '../unit/evidence/support/draft.ts';
import type { Tellings } from '../unit/evidence/support/lies.ts';
import { all, edit, editDecision, OTHER_DIGEST, repeated } from '../unit/evidence/support/lies.ts';
import { logged, logKey } from '../unit/evidence/support/log.ts';
import { committedDraft, resolvedDraft, stuckDraft } from '../unit/evidence/support/story.ts';
import type { NamedFile } from './python.ts';

const TRUST = { trustedKeyIds: [logKey.keyId] };
const committed = committedDraft(2);

/** Stories that need more than one change to become a lie, in the log and under the true key. */
export function oddStories(): readonly NamedFile[] {
  return [
    told('as it is', committed),
    told('one decision claimed twice', committed, claimedTwice('decision-0-1')),
    told(
      'one decision claimed twice, after it was not applied',
      committed,
      all(claimedTwice('decision-0-1'), edit('acknowledged', 0, { answer: 'not-applied' })),
    ),
    told('claimed again by a decision of its own', committed, claimedTwice('decision-0-2')),
    told(
      'claimed again after it was not applied',
      committed,
      all(claimedTwice('decision-0-2'), edit('acknowledged', 0, { answer: 'not-applied' })),
    ),
    told(
      'claimed on another state than preflight saw',
      committed,
      all(
        editDecision(1, { beforeDigest: OTHER_DIGEST }),
        edit('claimed', 1, { beforeDigest: OTHER_DIGEST }),
      ),
    ),
    ...[-1, 0, 1].map((ms) =>
      told(
        `claimed ${ms} ms after it expired`,
        committed,
        editDecision(0, { expiresAt: claimedAt - ms }),
      ),
    ),
    sealed('a record of another stream', {
      ...committed,
      records: committed.records.map((one, seq) =>
        seq === 4 ? { ...one, streamId: 'tx:another' } : one,
      ),
    }),
    told('resolved twice', twice(resolvedDraft()), repeated('resolved', 0)),
    ...[0, 1].map((epoch) => told(`back to epoch ${epoch}`, stuckDraft(), laterEpoch(epoch))),
  ];
}

/** The `at` of the first claim, epoch milliseconds. */
const claimedAt = Date.parse(committed.records.find((one) => one.kind === 'claimed')?.at ?? '');

function told(
  name: string,
  draft: Draft,
  lie: (tellings: Tellings) => Tellings = (tellings) => tellings,
): NamedFile {
  const records = recordsOf(lie(draft.records.map(tellingOf)), STREAM_ID);
  return sealed(name, { ...draft, records });
}

function sealed(name: string, draft: Draft): NamedFile {
  const { bundle } = logged(bundleOf(draft));
  return { name: `story: ${name}`, bytes: bundleBytes(bundle), trust: TRUST };
}

/** Step 0 decided, claimed, vended and answered once more before it is verified. */
function claimedTwice(decisionId: string): (tellings: Tellings) => Tellings {
  return (tellings) => {
    const first = tellings.findIndex((one) => one.kind === 'decided');
    const again = tellings.slice(first, first + 4).map((one): Telling => {
      const text = JSON.stringify(one.data).replaceAll('attempt-0-1', 'attempt-0-2');
      const data = JSON.parse(text.replaceAll('decision-0-1', decisionId));
      return { ...one, data };
    });
    const kept = decisionId === 'decision-0-1' ? again.slice(1) : again;
    return [...tellings.slice(0, first + 4), ...kept, ...tellings.slice(first + 4)];
  };
}

/** Sealed as stuck three times. */
function twice(draft: Draft): Draft {
  const status = 'stuck';
  const seals = [2, 1, 0].map((uncovered) => ({ status, uncovered }) as const);
  return { ...draft, seals };
}

/** The last record is of this epoch. */
function laterEpoch(epoch: number): (tellings: Tellings) => Tellings {
  return (tellings) => tellings.with(-1, { ...(tellings.at(-1) as Telling), epoch });
}
