import { LOCATE_ACTIONS } from '../../actions/iam/locate.ts';
import { registry } from '../../actions/registry.ts';
import { NotFoundError } from '../../core/errors.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { parseRecord, TRANSACTION_PREFIX } from '../../core/evidence/record.ts';
import type { Actions } from '../../core/ports/actions.ts';
import type { Contents } from '../../core/ports/contents.ts';
import type { DecisionPoint } from '../../core/ports/decision-point.ts';
import { decisionInputs } from '../../core/replay/contents.ts';
import { type Counterfactual, counterfactual } from '../../core/replay/counterfactual.ts';
import { policySetsOf, type Recorded, type Replay, replay } from '../../core/replay/replay.ts';
import type { ReplayParts } from '../../core/replay/replay-ports.ts';
import { TASKS } from '../../core/tasks/index.ts';
import { decisionPointOf } from '../cedar/policy-set.ts';
import { loadTransactionMachine } from './state-machine.ts';

/** Runs recorded transactions again, with the code of this release. */
export interface Replayer {
  /** Throws `NotFoundError` (`policy-set-missing`), and what `replay` throws. */
  replay(recorded: Recorded): Promise<Replay>;
  /** Under another policy set; throws likewise. */
  under(policies: DecisionPoint, recorded: Recorded): Promise<Counterfactual>;
  /**
   * All that its decisions were made on, by digest: policy sets, contexts, entities. Of one that
   * does not replay, the policy sets that are at hand.
   */
  contents(recorded: Recorded): Promise<Readonly<Record<string, Uint8Array>>>;
}

/** A replayer that finds policy sets in contents; each is loaded once. */
export function openReplayer(
  contents: Pick<Contents, 'find'>,
  actions: Actions = registry,
): Replayer {
  const protocol = { machine: loadTransactionMachine(), tasks: TASKS };
  const loaded = new Map<string, DecisionPoint>();
  const load = async (digest: string): Promise<string | undefined> => {
    const text = await contents.find(digest);
    if (text !== undefined && !loaded.has(digest)) loaded.set(digest, decisionPointOf(text));
    return text;
  };
  const parts: ReplayParts = {
    actions,
    crypto: nodeCrypto,
    locateActions: LOCATE_ACTIONS,
    decisionPoint(digest) {
      const known = loaded.get(digest);
      if (known !== undefined) return known;
      throw new NotFoundError('policy-set-missing', `the policy set \`${digest}\` is not at hand`, {
        hint: 'a bundle that `interlock tx export` wrote where it ran has it',
      });
    },
  };
  const prepare = async ({ records }: Recorded): Promise<ReadonlyMap<string, string>> => {
    const texts = new Map<string, string>();
    for (const digest of policySetsOf(records.map(parseRecord))) {
      const text = await load(digest);
      if (text !== undefined) texts.set(digest, text);
    }
    return texts;
  };
  return {
    async replay(recorded) {
      await prepare(recorded);
      return replay(parts, protocol, recorded);
    },
    async under(policies, recorded) {
      await prepare(recorded);
      return counterfactual(parts, protocol, { recorded, policies });
    },
    async contents(recorded) {
      if (!recorded.streamId.startsWith(TRANSACTION_PREFIX)) return {};
      const policySets = await prepare(recorded);
      const inputs = await inputsOf(() => decisionInputs(parts, protocol, recorded));
      const texts = [...policySets, ...inputs].map(
        ([digest, text]) => [digest, new TextEncoder().encode(text)] as const,
      );
      return Object.fromEntries(texts);
    },
  };
}

async function inputsOf(
  read: () => Promise<ReadonlyMap<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  try {
    return await read();
  } catch (error) {
    // Without its policy set it cannot be run again; what is at hand is exported all the same.
    if (error instanceof NotFoundError) return new Map();
    throw error;
  }
}
