import { TransientError } from '../../core/errors.ts';
import {
  KILL_MODES,
  type KillMode,
  type KillScope,
  type KillSetting,
} from '../../core/ports/kill-switch.ts';
import {
  above,
  absent,
  any,
  type Condition,
  equals,
  not,
  present,
  updateOf,
} from './expressions.ts';
import { modeNamed } from './fence.ts';
import {
  FENCE_COPIES,
  fenceKey,
  type Item,
  json,
  keyOf,
  number,
  numberOf,
  text,
  textOf,
} from './store-items.ts';
import type { Part } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** The partition of the settings, for people. */
export const SETTINGS = 'kill-switch';
/** An attribute of the fence beside its scopes: the version of the parameter that it follows. */
const VERSION = 'parameterVersion';

/** A move of the fence. */
export interface FenceMove {
  readonly setting: KillSetting;
  /** Where the parameter says so. */
  readonly follows?: {
    /** Of the parameter; 0 when there is none. */
    readonly version: number;
    /** The version that the fence followed before the parameter was read or written. */
    readonly since: number;
  };
}

/** All copies of the fence and the setting that people see. */
export function fenceParts(tables: TableNames, { setting, follows }: FenceMove): readonly Part[] {
  const { scope, mode } = setting;
  const TableName = tables.transactions;
  const version = follows === undefined ? {} : { [VERSION]: number(follows.version) };
  const set = { [scope]: text(mode), ...version };
  const refuse = () => new TransientError('kill-switch-busy', 'the kill switch was moved again');
  const copies = Array.from({ length: FENCE_COPIES }, (_, copy): Part => {
    const update = updateOf({ set }, mayFollow(follows));
    return { item: { Update: { TableName, Key: { ...fenceKey(copy) }, ...update } }, refuse };
  });
  const Item = { ...keyOf(SETTINGS, scope), body: json(setting) };
  return [...copies, { item: { Put: { TableName, Item } }, refuse }];
}

/** The fence follows no version older than its own; a parameter that is made again begins at 1. */
function mayFollow(follows: FenceMove['follows']): Condition {
  if (follows === undefined) return any(absent('pk'), present('pk'));
  const { version, since } = follows;
  const isInOrder =
    version > 1 ? not(above(VERSION, number(version))) : equals(VERSION, number(since));
  return any(absent(VERSION), isInOrder);
}

/** The version of the parameter that the fence follows; 0 while it follows none. */
export function versionOf(fence: Item | undefined): number {
  return numberOf(fence, VERSION) ?? 0;
}

/** What the fence says of one scope alone. */
export function modeOfScope(fence: Item | undefined, scope: KillScope): KillMode {
  return modeNamed(textOf(fence, scope), scope === 'all' ? 'halt' : 'running');
}

/** Whether a mode is more restrictive than another. */
export function isStricter(mode: KillMode, than: KillMode): boolean {
  return KILL_MODES.indexOf(mode) > KILL_MODES.indexOf(than);
}
