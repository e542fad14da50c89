import type { Answer, DecisionRequest, PolicyData } from '../../core/ports/decision-point.ts';
import type { PlanName } from './crash-account.ts';
import type { Mutant } from './crash-mutants.ts';

/** What a child process is to do on a data folder. */
export interface Job {
  /** Propose the plan and run it, or do what a restarted control plane does. */
  readonly work: 'transact' | 'recover';
  readonly folder: string;
  readonly plan: PlanName;
  /** The point at which the process dies; 0 lets it live. */
  readonly killAt: number;
  /** What the job's clock says first, epoch milliseconds. */
  readonly startsAt: number;
  readonly mutant?: Mutant;
  readonly policies: PolicyData & { readonly policySetDigest: string };
}

/** What a child that lived to the end has seen. */
export interface Report {
  /** Every point that was passed, in order. */
  readonly labels: readonly string[];
  /** Points passed when the proposal was acknowledged. */
  readonly acknowledgedAt: number;
  readonly endedAt: number;
  /** What recovery left undone. */
  readonly left: number;
  /** Whether proposing again after recovery made another transaction. */
  readonly repeated?: 'same' | 'another';
}

/** From the parent to the child. */
export type Order =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer };

/** From the child to the parent; the decision point lives there. */
export type Notice =
  | { readonly kind: 'decide'; readonly id: number; readonly request: DecisionRequest }
  | { readonly kind: 'done'; readonly report: Report }
  | { readonly kind: 'failed'; readonly message: string };
