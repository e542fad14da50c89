import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type EvidenceRecord, recordBytes } from '../../core/evidence/record.ts';
import {
  type KillMode,
  type KillSetting,
  type KillSwitch,
  stricter,
} from '../../core/ports/kill-switch.ts';
import { appendControl } from './control-stream.ts';
import { equals } from './expressions.ts';
import { modeIn } from './fence.ts';
import {
  type FenceMove,
  fenceParts,
  isStricter,
  modeOfScope,
  SETTINGS,
  versionOf,
} from './fence-move.ts';
import {
  modeFor,
  type ParameterState,
  readParameter,
  writeParameter,
} from './kill-switch-parameter.ts';
import { fenceCopyOf, fenceKey, jsonOf, text } from './store-items.ts';
import { type TableReader, tableReader } from './store-reads.ts';
import { transact } from './store-transact.ts';
import type { TableNames } from './tables.ts';

/** How old the parameter may be that an answer rests on. */
export const PARAMETER_AGE_MS_MAX = 1000;

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

/** The same, with what it knows of the parameter. */
export function killSwitchOf(parts: KillSwitchParts, parameterState: CachedParameter): KillSwitch {
  const { client, ssm, tables, parameter, onUnreadable } = parts;
  const transactions = tableReader(client, tables.transactions);
  const evidence = tableReader(client, tables.evidence);
  const move = (change: FenceMove, record: Omit<EvidenceRecord, 'seq'>) =>
    appendControl({ tables, evidence }, record, (recorded) =>
      transact(client, [...fenceParts(tables, change), ...recorded]),
    );
  return {
    async effective(scopes) {
      let fenced: KillMode = 'running';
      try {
        const fence = await transactions.get(fenceKey(fenceCopyOf(scopes.join())));
        fenced = modeIn(fence, scopes);
        const state = await parameterState(versionOf(fence));
        return stricter(fenced, modeFor(state, scopes));
      } catch (error) {
        onUnreadable?.(error);
        // Unreadable is halted: nobody has said that it may run. What the fence froze stays frozen.
        return stricter(fenced, 'halt');
      }
    },
    async settings() {
      const state = await readParameter(ssm, parameter);
      return merged(await storedSettings(transactions), state);
    },
    async set(setting, record) {
      recordBytes({ ...record, seq: 0 });
      const fence = await transactions.get(fenceKey(0));
      const since = versionOf(fence);
      // INVARIANT: whatever follows or does not, the stricter of old and new holds from here on.
      // Claims look at the fence alone, so it is the first to engage and the last to release.
      if (isStricter(setting.mode, modeOfScope(fence, setting.scope))) {
        await move({ setting }, record);
        const version = await writeParameter(ssm, parameter, setting);
        // Again, as of that version: a release that began before it comes too late now.
        await transact(client, fenceParts(tables, { setting, follows: { version, since } }));
      } else {
        const version = await writeParameter(ssm, parameter, setting);
        await move({ setting, follows: { version, since } }, record);
      }
    },
  };
}

/** Who moved the parameter is in the account's own trail. */
export const OPERATORS = 'ssm-parameter';
/** Why a fence was moved that follows the parameter. */
export const OUT_OF_BAND = 'the SSM parameter was set out of band';

/** What the parameter says, of that version at least. */
export type CachedParameter = (leastVersion: number) => Promise<ParameterState>;

interface Reading {
  readonly readAt: number;
  readonly leastVersion: number;
  readonly state: Promise<ParameterState>;
}

/** Reads the parameter when the last answer is too old, or older than what the fence knows of. */
export function cachedParameter({ ssm, parameter, now }: KillSwitchParts): CachedParameter {
  let last: Reading | undefined;
  return async (leastVersion) => {
    const ageMs = last === undefined ? undefined : now() - last.readAt;
    const isYoung = ageMs !== undefined && ageMs >= 0 && ageMs < PARAMETER_AGE_MS_MAX;
    // The fence follows a lower version than then: the parameter was deleted meanwhile.
    if (last !== undefined && isYoung && leastVersion >= last.leastVersion) {
      const state = await last.state;
      if (state.version >= leastVersion) return state;
    }
    last = { readAt: now(), leastVersion, state: readParameter(ssm, parameter) };
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
