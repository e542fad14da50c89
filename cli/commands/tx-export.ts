import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { Bundle } from '../../core/evidence/index.ts';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';

/** `tx export`: the evidence of one transaction as a file that an outsider can verify. */
export function addTxExport(tx: CommandUnknownOpts): void {
  tx.command('export')
    .description('write the evidence of a transaction to a file; equal evidence, equal bytes')
    .argument('<id>', 'transaction id')
    .requiredOption('--out <file>', 'the file to write')
    .option('--force', 'replace the file when it exists')
    .addOption(
      new Option('--format <format>', 'all evidence, or the last seal for tools that know DSSE')
        .choices(['bundle', 'dsse'] as const)
        .default('bundle' as const),
    )
    .addHelpText('after', '\nExample:\n  $ interlock tx export tx-0199... --out evidence.json')
    .action((id, { out, force, format }, command) =>
      invoke(command, async ({ data, output }) => {
        const { openExisting } = await import('../open.ts');
        const { loadTransaction } = await import('../follow.ts');
        const { bundleOf } = await import('../../api/view/bundle-of.ts');
        const { writeNewFile, replaceFile } = await import('../write-file.ts');
        const { bundleBytes } = await import('../../core/evidence/index.ts');
        const { streamOf } = await import('../../core/transaction.ts');
        const controlPlane = openExisting({ data });
        try {
          const transaction = await loadTransaction(controlPlane, id);
          const bundle = await bundleOf(controlPlane.ports, streamOf(id));
          const bytes = format === 'dsse' ? await sealBytes(id, bundle) : bundleBytes(bundle);
          if (force === true) replaceFile(out, bytes);
          else writeNewFile(out, bytes);
          if (!transaction.sealed)
            output.message('this transaction is open: its evidence is not complete');
          const { streamId, records, seals } = bundle;
          const report = {
            file: out,
            streamId,
            records: records.length,
            seals: seals.length,
            bytes: bytes.length,
          };
          output.print(report, () => `${out}: ${records.length} records, ${seals.length} seal(s)`);
          return EXIT.ok;
        } finally {
          controlPlane.close();
        }
      }),
    );
}

/** The last seal's envelope as a DSSE file: RFC 8785 JSON and a newline. */
async function sealBytes(id: string, { seals }: Bundle): Promise<Uint8Array> {
  const { InvalidInputError } = await import('../../core/errors.ts');
  const { canonicalText } = await import('../../core/hash.ts');
  const last = seals.at(-1);
  if (last === undefined)
    throw new InvalidInputError('not-sealed', `\`${id}\` has no seal yet`, {
      hint: 'it is sealed when it parks or ends: see `interlock tx show`',
    });
  return Buffer.from(`${canonicalText(last)}\n`);
}
