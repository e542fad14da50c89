import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Action } from '../core/action.ts';
import type { Caller } from '../core/tasks/operate.ts';
import type { Ports } from '../core/tasks/ports.ts';
import type { Transaction } from '../core/transaction.ts';
import type { PolicyList } from './shapes.ts';
import type { ContentsOf } from './view/bundle-of.ts';
import type { LogOfBundles } from './view/log-proofs.ts';

/** Who is served: what proposes can never approve or release, so that each has its own. */
export type Surface = 'agent' | 'operator' | 'both';

/** What an API is made of. */
export interface ApiOptions {
  readonly ports: Ports;
  /** The log that bundles show their place in; absent where nothing is logged. */
  readonly log?: LogOfBundles;
  /** Finds what bundles attach of what was decided on. */
  readonly contents?: ContentsOf;
  /**
   * Starts the run of a transaction that is proposed, approved, resumed or resolved. Safe to
   * repeat; returns before the run ends. Throws `TransientError` when it has to be asked again.
   */
  readonly start: (transaction: Transaction) => Promise<void>;
  readonly surface: Surface;
  /** Who is calling, from the request's context alone; undefined when that is not known. */
  readonly callerOf: (context: Context) => Promise<Caller | undefined>;
  /** The closed list of what agents may do. */
  readonly actions: readonly Action[];
  /** The policies in force, for people. */
  readonly policies: () => PolicyList;
  readonly version: string;
  /** What stands before every path at the caller's, as the stage of API Gateway does. */
  readonly basePath?: string;
  /** Answers a dry run in the place of this process, which then needs no way to a target. */
  readonly dryRun?: (caller: Caller, plan: unknown) => Promise<Response>;
  /** Puts the bytes of a large bundle where the caller can fetch them, at the address it returns. */
  readonly presign?: (streamId: string, bundle: Uint8Array) => Promise<string>;
  /** Hears of what was not thrown on purpose. */
  readonly onDefect?: (error: unknown) => void;
}

/** What a route finds in its context. */
export interface Environment {
  Variables: { caller: Caller };
}

/** The app that routes are added to. */
export type Api = OpenAPIHono<Environment>;
/** The context of a route whose caller is known. */
export type RouteContext = Context<Environment>;
