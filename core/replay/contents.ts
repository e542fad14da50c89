import { canonicalText } from '../hash.ts';
import type { Protocol } from './execution.ts';
import { type Recorded, replay } from './replay.ts';
import type { ReplayParts } from './replay-ports.ts';

/**
 * The texts that a transaction's decisions were made on, by their digests: context and entities of
 * each request. They follow from the records, so that a replay brings them out; empty for one that
 * does not replay. Throws as `replay` does.
 */
export async function decisionInputs(
  parts: ReplayParts,
  protocol: Protocol,
  recorded: Recorded,
): Promise<ReadonlyMap<string, string>> {
  const inputs = new Map<string, string>();
  const onDecision: ReplayParts['onDecision'] = (request, answer) => {
    const { contextDigest, entitiesDigest } = answer;
    if (!inputs.has(contextDigest)) inputs.set(contextDigest, canonicalText(request.context));
    if (!inputs.has(entitiesDigest)) inputs.set(entitiesDigest, canonicalText(request.entities));
  };
  const { ok } = await replay({ ...parts, onDecision }, protocol, recorded);
  return ok ? inputs : new Map();
}
