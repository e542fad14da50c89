import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT } from '../exit-codes.ts';
import { invoke } from '../invocation.ts';

/** `evidence key`: what an outsider needs. */
export function addEvidenceKey(evidence: CommandUnknownOpts): void {
  evidence
    .command('key')
    .description('print the public key of the log, the one key that those who verify need')
    .option('--seal', 'the key that seals instead')
    .addHelpText('after', '\nExample:\n  $ interlock evidence key > interlock.pem')
    .action(({ seal }, command) =>
      invoke(command, async ({ data, output }) => {
        const { requireKey } = await import('../open.ts');
        const { keyFileSigner } = await import('../../adapters/embedded/signer.ts');
        const { pemOf } = await import('../trust.ts');
        const which = seal === true ? 'key' : 'logKey';
        const { keyId, publicKey } = keyFileSigner(requireKey(data, which));
        const pem = pemOf(publicKey);
        output.print({ keyId, publicKey: pem }, () => pem.trimEnd());
        if (!output.isJson) output.message(`fingerprint (SHA-256): ${keyId}`);
        return EXIT.ok;
      }),
    );
}

/** `evidence rotate-key`: another key seals from now on. */
export function addEvidenceRotateKey(evidence: CommandUnknownOpts): void {
  evidence
    .command('rotate-key')
    .description('make a new key that seals; of the old one only its public half is kept')
    .requiredOption('--reason <text>', 'why, for the evidence')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Example:
  $ interlock evidence rotate-key --reason "yearly" --yes

The log says which key replaced which, so that the key of the log stays the one to trust.
Restart \`interlock serve\` afterwards: it seals nothing with the old key.`,
    )
    .action(({ reason, yes }, command) =>
      invoke(command, async (invocation) => {
        const { confirm } = await import('../confirm.ts');
        const { rotateKey } = await import('../rotate-key.ts');
        const { data, output } = invocation;
        await confirm(output, `replace the key that seals in ${data}?`, yes === true);
        const rotation = await rotateKey(data, reason, output);
        output.print(rotation, () => `${rotation.keyId} replaces ${rotation.replaces}`);
        return EXIT.ok;
      }),
    );
}
