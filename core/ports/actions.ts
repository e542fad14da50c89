import type { Action } from '../action.ts';

/** The closed list of what agents may do. */
export interface Actions {
  byId(id: string): Action | undefined;
  /** Known ids that an unknown one may have meant, nearest first. */
  suggest(id: string): readonly string[];
}
