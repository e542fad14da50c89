import { EvidenceError } from '../../core/errors.ts';
import type { EvidenceVerdict } from '../../core/evidence/index.ts';
import { parseBundle, verifyBundle } from '../../core/evidence/index.ts';
import { nodeCrypto } from '../../core/evidence/node-crypto.ts';
import { type NamedFile, type PythonVerdict, verdictsOf } from './python.ts';

const CHECKS = ['integrity', 'signer', 'complete', 'outcome'] as const;

/** A file about which the verifiers do not say the same; what each says, for people. */
export interface Difference {
  readonly name: string;
  readonly ours: string;
  readonly python: string;
}

/** What both verifiers say of many files. */
export interface Comparison {
  readonly total: number;
  /** Names of the files that the Python verifier takes for good. */
  readonly ok: readonly string[];
  /** How many files have which answer about their integrity, and their outcome, in Python. */
  readonly integrities: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Another verdict, or the same and another answer to one of the four checks. */
  readonly differences: readonly Difference[];
}

/** Verifies every file twice, by `core/evidence` and in Python, and compares. */
export async function compare(files: readonly NamedFile[]): Promise<Comparison> {
  const python = await verdictsOf(files);
  if (python.length !== files.length) throw new Error(`${python.length} verdicts`);
  const pairs = files.map((file, place) => {
    const other = python[place] as PythonVerdict;
    if (other.name !== file.name) throw new Error(`a verdict on \`${other.name}\``);
    return { name: file.name, own: oursOf(file), other };
  });
  return {
    total: files.length,
    ok: pairs.filter(({ other }) => other.ok).map(({ name }) => name),
    integrities: countsOf(pairs.map(({ other }) => answerOf(other, 'integrity'))),
    outcomes: countsOf(pairs.map(({ other }) => answerOf(other, 'outcome'))),
    differences: pairs
      .filter(({ own, other }) => own.ok !== other.ok || answersOf(own) !== answersOf(other))
      .map(({ name, own, other }) => ({ name, ours: textOf(own), python: textOf(other) })),
  };
}

type Verdict = EvidenceVerdict | { readonly ok: false; readonly malformed: string };

function oursOf({ bytes, trust }: NamedFile): Verdict {
  try {
    return verifyBundle(nodeCrypto, parseBundle(bytes), trust);
  } catch (error) {
    if (error instanceof EvidenceError) return { ok: false, malformed: error.message };
    throw error;
  }
}

/** Nothing rests on the other checks of what is not whole. */
function answersOf(verdict: Verdict): string {
  if ('malformed' in verdict) return 'malformed';
  if (verdict.integrity.ok === false) return 'integrity false';
  return CHECKS.map((check) => `${check} ${verdict[check].ok}`).join(', ');
}

function textOf(verdict: Verdict): string {
  if ('malformed' in verdict) return `malformed: ${verdict.malformed}`;
  return CHECKS.map((check) => `${check} ${verdict[check].ok}: ${verdict[check].reason}`).join(
    '; ',
  );
}

function answerOf(verdict: Verdict, check: (typeof CHECKS)[number]): string {
  return 'malformed' in verdict ? 'malformed' : String(verdict[check].ok);
}

function countsOf(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
