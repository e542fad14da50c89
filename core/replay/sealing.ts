import { InterlockError, ReplayError } from '../errors.ts';
import { areEqual } from '../evidence/bytes.ts';
import type { Envelope } from '../evidence/envelope.ts';
import { openEnvelope, preAuthEncoding } from '../evidence/envelope.ts';
import { parseSeal } from '../evidence/seal.ts';
import type { Ports } from '../tasks/ports.ts';
import type { Divergence } from './divergence.ts';

/** The recorded seals, each of which must come out the same. */
export interface Sealing {
  /** True when a seal over so many records comes next. */
  isNext(treeSize: number): boolean;
  /** Ports under which the next seal is made: its time, and its signature over its statement. */
  ports(ports: Ports): Ports;
  /** Counts the seal that was made. */
  done(): void;
  made(): number;
  /** Why seals are left that nothing made. */
  missing(position: number): Divergence | undefined;
}

/** The seals of a stream, in their order. */
export function openSealing(seals: readonly Envelope[]): Sealing {
  const opened = seals.map((envelope) => {
    const { statement, keyId, signature } = openEnvelope(envelope);
    return { statement, keyId, signature, seal: parseSeal(statement) };
  });
  let made = 0;
  return {
    isNext: (treeSize) => opened[made]?.seal.treeSize === treeSize,
    ports(ports) {
      const next = opened[made];
      if (next === undefined) throw new ReplayError('there is no further seal');
      const { statement, keyId, signature, seal } = next;
      const sign = async (message: Uint8Array): Promise<Uint8Array> => {
        if (areEqual(message, preAuthEncoding(statement))) return signature;
        throw new ReplayError(`the statement of seal ${made} is another`);
      };
      const { store, ids, vault, killSwitch, decisionPoint, crypto, actions } = ports;
      return {
        ...{ store, ids, vault, killSwitch, decisionPoint, crypto, actions },
        get timing() {
          return ports.timing;
        },
        clock: { ...ports.clock, now: () => Date.parse(seal.at) },
        signer: { ...ports.signer, keyId, sign },
      };
    },
    done() {
      made += 1;
    },
    made: () => made,
    missing(position) {
      if (made === opened.length) return undefined;
      return { seq: position, field: 'seal', message: `seal ${made} is not made` };
    },
  };
}

/** What a seal refuses is a divergence: the recorded one was made. */
export function sealRefusal(error: unknown): unknown {
  return error instanceof InterlockError ? new ReplayError(error.message) : error;
}
