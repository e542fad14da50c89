import type { EvidenceRecord } from '../evidence/record.ts';

/** From the least to the most restrictive. */
export const KILL_MODES = ['running', 'drain', 'halt', 'freeze'] as const;
export type KillMode = (typeof KILL_MODES)[number];

/** `all`, `agent:ID` or `action:ID`. */
export type KillScope = string;

export interface KillSetting {
  readonly scope: KillScope;
  readonly mode: KillMode;
  readonly by: string;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The kill switch. */
export interface KillSwitch {
  /**
   * The most restrictive mode over `all` and the given scopes. Unreadable, or absent for `all`,
   * is `halt`; never throws.
   */
  effective(scopes: readonly KillScope[]): Promise<KillMode>;
  /** All settings, for people. Throws when unreadable. */
  settings(): Promise<readonly KillSetting[]>;
  /**
   * Durable, with its record in a control stream, when it returns; both or neither are written. A
   * claim made later sees it. Safe to repeat.
   */
  set(setting: KillSetting, record: Omit<EvidenceRecord, 'seq'>): Promise<void>;
}

/** The more restrictive of two modes. */
export function stricter(a: KillMode, b: KillMode): KillMode {
  return KILL_MODES.indexOf(a) >= KILL_MODES.indexOf(b) ? a : b;
}

/** The scopes under which one step of an agent is checked. */
export function scopesOf(agent: string, actionId?: string): readonly KillScope[] {
  return actionId === undefined ? [`agent:${agent}`] : [`agent:${agent}`, `action:${actionId}`];
}
