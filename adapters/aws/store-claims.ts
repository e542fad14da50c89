import { type ClaimWrite, requireClaimable } from '../../core/consuming.ts';
import { TransientError } from '../../core/errors.ts';
import type { Decision, Write } from '../../core/ports/store.ts';
import { claimAnswered, claimExists, claimVended } from '../../core/store-refusals.ts';
import type { Claim } from '../../core/transaction.ts';
import {
  absent,
  all,
  type Condition,
  conditionOf,
  equals,
  startsWith,
  updateOf,
} from './expressions.ts';
import { type Draft, putNew, type StoreParts } from './store-change.ts';
import { isOf, isUsable } from './store-decisions.ts';
import {
  CLAIM_PREFIX,
  claimKey,
  decisionKey,
  type Item,
  json,
  type Key,
  number,
  numberOf,
  partitionOf,
  text,
  textOf,
} from './store-items.ts';
import { claimOf, decisionOf } from './store-rows.ts';
import type { Part } from './store-transact.ts';

type Mark = Write & { readonly write: 'vend' | 'answer' };

/** Notes a claim with the checks of its decision. Throws `DecisionError` where it is plain. */
export async function draftClaim(draft: Draft, write: ClaimWrite): Promise<void> {
  const { claim } = write;
  const parts =
    claim.kind === 'apply' ? await consumption(draft, write) : await compensation(draft, write);
  draft.claimed.set(claim.attemptId, { claim, parts });
}

/** The parts of the claims that a change makes. */
export function claimParts({ tables, change, claimed }: Draft): readonly Part[] {
  const seq = change.records[0]?.seq ?? 0;
  return [...claimed.values()].flatMap(({ claim, parts }) => [
    {
      item: putNew(tables.transactions, claimItem(claim, seq)),
      refuse: claimExists,
    },
    ...parts,
  ]);
}

/** Marks claims as vended or answered, each once. */
export async function markParts(draft: Draft, marks: readonly Mark[]): Promise<readonly Part[]> {
  const stored = new Map<string, Mark[]>();
  for (const mark of marks) {
    const own = draft.claimed.get(mark.attemptId);
    if (own === undefined)
      stored.set(mark.attemptId, [...(stored.get(mark.attemptId) ?? []), mark]);
    else own.claim = marked(own.claim, mark);
  }
  if (stored.size === 0) return [];
  const items = await readClaims(draft, draft.change.transactionId);
  return [...stored.values()].map((own) => storedMark(draft, items, own));
}

/** The claims of a transaction, in the order in which they were made. */
export async function claimsOf(
  parts: StoreParts,
  transactionId: string,
): Promise<readonly Claim[]> {
  const items = await readClaims(parts, transactionId);
  const claims = items.map((item) => ({ claim: claimOf(item), seq: numberOf(item, 'seq') ?? 0 }));
  return claims.sort(byMaking).map(({ claim }) => claim);
}

// A claim has its record, which has a place in the stream; ties are of changes without records.
function byMaking(
  one: { readonly claim: Claim; readonly seq: number },
  other: { readonly claim: Claim; readonly seq: number },
): number {
  if (one.seq !== other.seq) return one.seq - other.seq;
  if (one.claim.kind !== other.claim.kind) return one.claim.kind === 'apply' ? -1 : 1;
  const steps = one.claim.stepIndex - other.claim.stepIndex;
  const direction = one.claim.kind === 'apply' ? 1 : -1;
  return steps === 0 ? one.claim.attempt - other.claim.attempt : steps * direction;
}

function readClaims({ transactions }: StoreParts, id: string): Promise<readonly Item[]> {
  const isClaim = all(equals('pk', text(partitionOf(id))), startsWith('sk', text(CLAIM_PREFIX)));
  return transactions.query(isClaim);
}

function claimItem(claim: Claim, seq: number): Item {
  const { policyDigest, answer, ...body } = claim;
  return {
    ...claimKey(claim),
    body: json(body),
    attemptId: text(claim.attemptId),
    decisionId: text(claim.decisionId),
    seq: number(seq),
    ...(policyDigest === undefined ? {} : { policyDigest: text(policyDigest) }),
    ...(answer === undefined ? {} : { answer: text(answer) }),
  };
}

async function consumption(draft: Draft, write: ClaimWrite): Promise<readonly Part[]> {
  const { claim, expected } = write;
  const own = draft.decided.get(claim.decisionId);
  if (own !== undefined) {
    requireClaimable(own, false, write);
    return [];
  }
  const refuse = (old: Item | undefined) => whyUnusable(draft, write, old);
  if (expected === undefined) throw await refuse(undefined);
  const condition = isUsable({ ...write, expected });
  return [check(draft.tables.decisions, decisionKey(claim.decisionId), { condition, refuse })];
}

async function whyUnusable(
  parts: StoreParts,
  write: ClaimWrite,
  old: Item | undefined,
): Promise<Error> {
  const decision = await decisionIn(parts, write.claim.decisionId, old);
  const isUsed = decision !== undefined && (await isConsumed(parts, decision));
  return errorIn(() => requireClaimable(decision, isUsed, write));
}

async function compensation(draft: Draft, write: ClaimWrite): Promise<readonly Part[]> {
  const { claim } = write;
  const found = await decisionIn(draft, claim.decisionId, undefined);
  const isUsed = found !== undefined && (await isConsumed(draft, found));
  const decision = requireClaimable(found, isUsed, write);
  const { decisions, transactions } = draft.tables;
  const refuse = async () => errorIn(() => requireClaimable(decision, false, write));
  const consumed = equals('decisionId', text(decision.id));
  return [
    check(decisions, decisionKey(decision.id), { condition: isOf(claim), refuse }),
    check(transactions, consumerKey(decision), { condition: consumed, refuse }),
  ];
}

/** The key of the only claim that can consume a decision. */
function consumerKey(decision: Decision): Key {
  return claimKey({ ...decision, kind: 'apply' });
}

async function isConsumed({ transactions }: StoreParts, decision: Decision): Promise<boolean> {
  const claim = await transactions.get(consumerKey(decision));
  return textOf(claim, 'decisionId') === decision.id;
}

async function decisionIn({ decisions }: StoreParts, id: string, old: Item | undefined) {
  const item = old ?? (await decisions.get(decisionKey(id)));
  return item === undefined ? undefined : decisionOf(item);
}

function storedMark(draft: Draft, items: readonly Item[], marks: readonly Mark[]): Part {
  const attemptId = marks[0]?.attemptId ?? '';
  const item = items.find((one) => textOf(one, 'attemptId') === attemptId);
  if (item === undefined) throw unmarkable(marks, undefined);
  const set = Object.fromEntries(
    marks.map((mark) =>
      mark.write === 'vend'
        ? ['policyDigest', text(mark.policyDigest)]
        : ['answer', text(mark.answer)],
    ),
  );
  const condition = all(
    equals('attemptId', text(attemptId)),
    ...Object.keys(set).map((name) => absent(name)),
  );
  const Key = { ...claimKey(claimOf(item)) };
  return {
    item: {
      Update: { TableName: draft.tables.transactions, Key, ...updateOf({ set }, condition) },
    },
    refuse: (old) => unmarkable(marks, old),
  };
}

/** Puts a mark to a claim of the same change. */
function marked(claim: Claim, mark: Mark): Claim {
  const isVend = mark.write === 'vend';
  if ((isVend ? claim.policyDigest : claim.answer) !== undefined)
    throw unmarkable([mark], undefined);
  return isVend ? { ...claim, policyDigest: mark.policyDigest } : { ...claim, answer: mark.answer };
}

/** Of the first mark that the claim has already; of an unknown claim, the first. */
function unmarkable(marks: readonly Mark[], old: Item | undefined): Error {
  const isTaken = (mark: Mark) =>
    old?.[mark.write === 'vend' ? 'policyDigest' : 'answer'] !== undefined;
  const mark = marks.find(isTaken) ?? marks[0];
  return mark?.write === 'vend' ? claimVended() : claimAnswered(mark?.attemptId ?? '');
}

/** A check of an item that is not changed. */
export function check(
  table: string,
  key: Key,
  { condition, refuse }: { readonly condition: Condition; readonly refuse: Part['refuse'] },
): Part {
  const Key = { ...key };
  return { item: { ConditionCheck: { TableName: table, Key, ...conditionOf(condition) } }, refuse };
}

function errorIn(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return new TransientError('store-busy', 'the item changed while it was looked at');
}
