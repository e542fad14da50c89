import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { InvalidInputError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { inFile } from '../in-file.ts';
import { type Invocation, invoke } from '../invocation.ts';
import type { AddCommand } from '../program.ts';
import { addEvidenceCheckpoint } from './evidence-checkpoint.ts';
import { addEvidenceKey, addEvidenceRotateKey } from './evidence-key.ts';
import { addPrune, addRetention } from './evidence-retention.ts';
import { addSalvage } from './evidence-salvage.ts';

/** `interlock evidence ...`: proofs of what happened. */
export const addEvidence: AddCommand = (program) => {
  const evidence = program.command('evidence').description('verify what happened');
  addVerify(evidence);
  addEvidenceKey(evidence);
  addEvidenceCheckpoint(evidence);
  addEvidenceRotateKey(evidence);
  addSalvage(evidence);
  addRetention(evidence);
  addPrune(evidence);
};

interface VerifyOptions {
  readonly all?: true | undefined;
  readonly trust?: string[] | undefined;
  readonly trustEmbeddedKey?: true | undefined;
  readonly checkpoint?: string | undefined;
}

function addVerify(evidence: CommandUnknownOpts): void {
  evidence
    .command('verify')
    .description('verify an exported file, or the whole store of the data folder and its log')
    .argument('[file]', 'a file that `tx export` wrote')
    .option('--all', 'verify every stream of the data folder, and the log of all seals')
    .option('--trust <key...>', 'trust this key: a public key file (PEM or DER) or a fingerprint')
    .option('--checkpoint <file>', 'the log must continue this checkpoint, kept from before')
    .option('--trust-embedded-key', 'trust the key inside the file: shows damage, not forgery')
    .addHelpText(
      'after',
      `
Examples:
  $ interlock evidence verify evidence.json --trust auditor.pem
  $ interlock evidence verify --all

Exit code 6 when a check fails or cannot be made.`,
    )
    .action((file, options, command) =>
      invoke(command, async (invocation) => {
        if ((file === undefined) === (options.all !== true))
          throw new InvalidInputError('usage', 'name one file, or pass --all', {
            hint: 'see `interlock evidence verify --help`',
          });
        return file === undefined
          ? verifyAll(invocation, options)
          : verifyFile(invocation, file, options);
      }),
    );
}

async function verifyFile(
  { data, output }: Invocation,
  file: string,
  options: VerifyOptions,
): Promise<ExitCode> {
  const { nodeCrypto } = await import('../../core/evidence/node-crypto.ts');
  const { BUNDLE_BYTES_MAX, parseBundle, verifyBundle } = await import(
    '../../core/evidence/index.ts'
  );
  const { readBoundedFile } = await import('../read-json-file.ts');
  const { trustOf } = await import('../trust.ts');
  const { verdictText } = await import('../view/verdict.ts');
  const trust = trustOf(data, options);
  const bundle = inFile(file, () => parseBundle(readBoundedFile(file, BUNDLE_BYTES_MAX)));
  const verdict = verifyBundle(nodeCrypto, bundle, trust);
  output.print(verdict, () => verdictText(bundle.streamId, verdict, output.colors));
  return verdict.ok ? EXIT.ok : EXIT.evidenceInvalid;
}

async function verifyAll({ data, output }: Invocation, options: VerifyOptions): Promise<ExitCode> {
  const { openExisting, requireDataFolder } = await import('../open.ts');
  const { longWork } = await import('../long-work.ts');
  const { trustOf } = await import('../trust.ts');
  const { problemsOf } = await import('../../adapters/embedded/store-check.ts');
  const { verifyStore } = await import('../verify-store.ts');
  const { allText } = await import('../view/verdict.ts');
  // Before it is opened: that writes, and a lost log would be gone.
  const damage = problemsOf(requireDataFolder(data).store);
  const controlPlane = openExisting({ data });
  try {
    const report = await verifyStore(controlPlane, {
      trust: trustOf(data, options),
      damage,
      onProgress: (what) => longWork(output, what),
    });
    output.print(report, () => allText(report, output.colors));
    return report.ok ? EXIT.ok : EXIT.evidenceInvalid;
  } finally {
    controlPlane.close();
  }
}
