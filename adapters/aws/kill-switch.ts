import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { TransientError } from '../../core/errors.ts';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import {
  KILL_MODES,
  type KillMode,
  type KillScope,
  type KillSetting,
  type KillSwitch,
  stricter,
} from '../../core/ports/kill-switch.ts';
import { appendControl } from './control-stream.ts';
import { above, absent, any, equals, not, present, updateOf } from './expressions.ts';
import { modeIn, modeNamed } from './fence.ts';
import {
  modeFor,
  type ParameterState,
  readParameter,
  writeParameter,
} from './kill-switch-parameter.ts';
import {
  FENCE_COPIES,
  fenceCopyOf,
  fenceKey,
  type Item,
  json,
  jsonOf,
  keyOf,
  number,
  numberOf,
  text,
  textOf,
} from './store-items.ts';
import { type TableReader, tableReader } from './store-reads.ts';
import { type Part, transact } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** How old the parameter may be that an answer rests on. */
export const PARAMETER_AGE_MS_MAX = 1000;

/** The partition of the settings, for people. */
const SETTINGS = 'kill-switch';
/** An attribute of the fence beside its scopes: the version of the parameter that it follows. */
const VERSION = 'parameterVersion';

export interface KillSwitchParts {
  readonly client: DynamoDBClient;
  readonly ssm: SSMClient;
  readonly tables: TableNames;
  /** The name of the operators' parameter. */
  readonly parameter: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told why the answer is `halt` when the kill switch could not be read. */
  readonly onUnreadable?: (error: unknown) => void;
}

/**
 * The kill switch of a deployment: the operators' SSM parameter and the fence that claims are
 * conditional on. The stricter of the two holds, so the parameter can engage and never release.
 */
export function awsKillSwitch(parts: KillSwitchParts): KillSwitch {
  return killSwitchOf(parts, cachedParameter(parts));
}

function killSwitchOf(parts: KillSwitchParts, parameterState: CachedParameter): KillSwitch {
  const { client, ssm, tables, parameter, onUnreadable } = parts;
  const transactions = tableReader(client, tables.transactions);
  const evidence = tableReader(client, tables.evidence);
  const move = (change: FenceChange, record: Omit<EvidenceRecord, 'seq'>) =>
    appendControl({ tables, evidence }, record, (recorded) =>
      transact(client, [...fenceParts(tables, change), ...recorded]),
    );
  return {
    async effective(scopes) {
      try {
        const fence = await transactions.get(fenceKey(fenceCopyOf(scopes.join())));
        const state = await parameterState(versionOf(fence));
        return stricter(modeIn(fence, scopes), modeFor(state, scopes));
      } catch (error) {
        onUnreadable?.(error);
        // Unreadable is halted: nobody has said that it may run.
        return 'halt';
      }
    },
    async settings() {
      const state = await readParameter(ssm, parameter);
      return merged(await storedSettings(transactions), state);
    },
    async set(setting, record) {
      recordBytes({ ...record, seq: 0 });
      const fence = await transactions.get(fenceKey(0));
      // INVARIANT: whatever follows or does not, the stricter of old and new holds from here on.
      // Claims look at the fence alone, so it is the first to engage and the last to release.
      if (isStricter(setting.mode, modeOfScope(fence, setting.scope))) {
        await move({ setting }, record);
        const version = await writeParameter(ssm, parameter, setting);
        // Again, as of that version: a release that began before it comes too late now.
        await transact(client, fenceParts(tables, { setting, version }));
      } else {
        const version = await writeParameter(ssm, parameter, setting);
        await move({ setting, version }, record);
      }
    },
  };
}

/**
 * The same kill switch for those who decide: what the parameter has engaged out of band, `all` or
 * one of the scopes asked for, moves the fence at once, with its record, before they are told.
 */
export function fencingKillSwitch(parts: KillSwitchParts): KillSwitch {
  const { client, tables, now } = parts;
  const parameterState = cachedParameter(parts);
  // Both look at one cache: a container reads the parameter at most once a second.
  const killSwitch = killSwitchOf(parts, parameterState);
  const transactions = tableReader(client, tables.transactions);
  const evidence = tableReader(client, tables.evidence);
  const follow = async (scopes: readonly KillScope[]): Promise<void> => {
    const fence = await transactions.get(fenceKey(fenceCopyOf(scopes.join())));
    const state = await parameterState(versionOf(fence));
    for (const scope of ['all', ...scopes]) {
      const mode = state.modes.get(scope) ?? 'running';
      if (!isStricter(mode, modeOfScope(fence, scope))) continue;
      const setting = { scope, mode, by: OPERATORS, reason: OUT_OF_BAND, at: now() };
      const change = { setting, version: state.version };
      await appendControl({ tables, evidence }, followRecord(setting), (recorded) =>
        transact(client, [...fenceParts(tables, change), ...recorded]),
      );
    }
  };
  return {
    ...killSwitch,
    async effective(scopes) {
      // Whoever released it meanwhile, or cannot be reached: the answer below says what holds.
      await follow(scopes).catch(() => undefined);
      return killSwitch.effective(scopes);
    },
  };
}

/** Who moved the parameter is in the account's own trail. */
const OPERATORS = 'ssm-parameter';
const OUT_OF_BAND = 'the SSM parameter was set out of band';

function followRecord({ scope, mode, reason, at }: KillSetting): Omit<EvidenceRecord, 'seq'> {
  const time = new Date(at).toISOString();
  return {
    v: 1,
    streamId: `control:${time.slice(0, 10)}`,
    kind: 'kill-switch',
    at: time,
    epoch: 0,
    actor: 'control-plane',
    data: { scope, mode, reason },
    observations: [],
  };
}

interface FenceChange {
  readonly setting: KillSetting;
  /** Of the parameter that says so; the fence follows no version older than its own. */
  readonly version?: number;
}

/** All copies of the fence and the setting that people see. */
function fenceParts(tables: TableNames, { setting, version }: FenceChange): readonly Part[] {
  const { scope, mode } = setting;
  const TableName = tables.transactions;
  const set = {
    [scope]: text(mode),
    ...(version === undefined ? {} : { [VERSION]: number(version) }),
  };
  const isNotOlder =
    version === undefined
      ? any(absent('pk'), present('pk'))
      : any(absent(VERSION), not(above(VERSION, number(version))));
  const refuse = () => new TransientError('kill-switch-busy', 'the kill switch was moved again');
  const copies = Array.from({ length: FENCE_COPIES }, (_, copy): Part => {
    const update = updateOf({ set }, isNotOlder);
    return { item: { Update: { TableName, Key: { ...fenceKey(copy) }, ...update } }, refuse };
  });
  const Item = { ...keyOf(SETTINGS, scope), body: json(setting) };
  return [...copies, { item: { Put: { TableName, Item } }, refuse }];
}

function versionOf(fence: Item | undefined): number {
  return numberOf(fence, VERSION) ?? 0;
}

function modeOfScope(fence: Item | undefined, scope: KillScope): KillMode {
  return modeNamed(textOf(fence, scope), scope === 'all' ? 'halt' : 'running');
}

function isStricter(mode: KillMode, than: KillMode): boolean {
  return KILL_MODES.indexOf(mode) > KILL_MODES.indexOf(than);
}

/** What the parameter says, of that version at least. */
type CachedParameter = (leastVersion: number) => Promise<ParameterState>;

/** Reads the parameter when the last answer is too old, or older than what the fence knows of. */
function cachedParameter({ ssm, parameter, now }: KillSwitchParts): CachedParameter {
  let last: { readonly readAt: number; readonly state: Promise<ParameterState> } | undefined;
  return async (leastVersion) => {
    const ageMs = last === undefined ? undefined : now() - last.readAt;
    if (last !== undefined && ageMs !== undefined && ageMs >= 0 && ageMs < PARAMETER_AGE_MS_MAX) {
      const state = await last.state;
      if (state.version >= leastVersion) return state;
    }
    last = { readAt: now(), state: readParameter(ssm, parameter) };
    const reading = last;
    try {
      return await reading.state;
    } catch (error) {
      if (last === reading) last = undefined;
      throw error;
    }
  };
}

async function storedSettings(transactions: TableReader): Promise<readonly KillSetting[]> {
  const items = await transactions.query(equals('pk', text(SETTINGS)));
  return items.map((item) => jsonOf<KillSetting>(item, 'body') as KillSetting);
}

/** What the parameter holds more strictly than the setting of a scope is shown instead. */
function merged(
  stored: readonly KillSetting[],
  { modes, at }: ParameterState,
): readonly KillSetting[] {
  const byScope = new Map(stored.map((one) => [one.scope, one]));
  for (const [scope, mode] of modes) {
    if (!isStricter(mode, byScope.get(scope)?.mode ?? 'running')) continue;
    byScope.set(scope, { scope, mode, by: OPERATORS, reason: OUT_OF_BAND, at });
  }
  return [...byScope.values()].sort((one, other) => (one.scope < other.scope ? -1 : 1));
}
