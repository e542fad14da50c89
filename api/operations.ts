import type { BodyName } from './documents.ts';

/** One operation of the API, as the OpenAPI document has it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  /** The shape of the answer. */
  readonly answer: BodyName;
  /** False for what must not be done twice when an answer was lost. */
  readonly isRepeatable: boolean;
}

/** Every operation by its id. A test holds the table and the document together. */
export const OPERATIONS = {
  health: read('/v1/health', 'Health'),
  listActions: read('/v1/actions', 'ActionList'),
  listPolicies: read('/v1/policies', 'PolicyList'),
  listTransactions: read('/v1/transactions', 'TransactionList'),
  readTransaction: read('/v1/transactions/{id}', 'TransactionDetail'),
  readRecords: read('/v1/transactions/{id}/records', 'RecordList'),
  readBundle: read('/v1/transactions/{id}/bundle', 'Bundle'),
  readKillSwitch: read('/v1/kill-switch', 'KillStatus'),
  // The key makes all of its repetitions one.
  propose: { method: 'post', path: '/v1/transactions', answer: 'Proposed', isRepeatable: true },
  // The same state again, with the same reason: a second record, and nothing else.
  moveKillSwitch: {
    method: 'put',
    path: '/v1/kill-switch',
    answer: 'KillStatus',
    isRepeatable: true,
  },
  // One undo of one transaction for one caller.
  undo: { ...act('undo', 'Proposed'), isRepeatable: true },
  cancel: act('cancel'),
  approve: act('approve'),
  refuse: act('refuse'),
  resume: act('resume'),
  resolve: act('resolve'),
} as const satisfies Record<string, Operation>;
export type OperationId = keyof typeof OPERATIONS;

function read<Answer extends BodyName>(path: string, answer: Answer) {
  return { method: 'get', path, answer, isRepeatable: true } as const;
}

function act<Answer extends BodyName = 'TransactionSummary'>(verb: string, answer?: Answer) {
  return {
    method: 'post',
    path: `/v1/transactions/{id}/${verb}`,
    answer: answer ?? 'TransactionSummary',
    isRepeatable: false,
  } as const;
}
