import type { Client } from '../../../api/client.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Ids } from '../../../core/ports/ids.ts';
import type { AuditState } from './state.ts';

/** What an audit writes down between its steps, by name. */
export interface AuditDocuments {
  save(auditId: string, name: string, document: object): Promise<void>;
  /** Undefined when there is none. */
  load(auditId: string, name: string): Promise<JsonObject | undefined>;
}

/** Everything that a step of an audit may touch; it is an agent like any other. */
export interface AuditPorts {
  readonly documents: AuditDocuments;
  readonly ids: Ids;
  readonly clock: Pick<Clock, 'now'>;
  /** The account as `get-account-authorization-details` has it, all pages. */
  readonly readAccount: (accountId: string) => Promise<unknown>;
  readonly api: Pick<Client, 'dryRun' | 'propose' | 'readTransaction'>;
}

/** One step of an audit. */
export type AuditStep = (ports: AuditPorts, state: AuditState) => Promise<AuditState>;
