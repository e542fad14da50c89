import { checkpointFolder } from '../adapters/embedded/checkpoints.ts';
import { keyFileSigner } from '../adapters/embedded/signer.ts';
import { NotFoundError } from '../core/errors.ts';
import { base64Of } from '../core/evidence/base64.ts';
import { NOTE_LENGTH_MAX, openCheckpoint } from '../core/evidence/checkpoint.ts';
import { nodeCrypto } from '../core/evidence/node-crypto.ts';
import type { CheckpointShape } from './json-shapes.ts';
import { requireDataFolder, requireKey } from './open.ts';
import { readBoundedFile } from './read-json-file.ts';

/** The newest checkpoint that a data folder has published. Throws `NotFoundError`
 * (`checkpoint-not-found`), `EvidenceError` for one that its log's key has not signed. */
export async function newestCheckpoint(data: string): Promise<CheckpointShape> {
  const { checkpoints } = requireDataFolder(data);
  const newest = await checkpointFolder(checkpoints).newest();
  if (newest === undefined)
    throw new NotFoundError('checkpoint-not-found', 'the log has no checkpoint yet', {
      hint: 'it has one when something was sealed',
    });
  const { publicKey } = keyFileSigner(requireKey(data, 'logKey'));
  const { origin, size, root } = openCheckpoint(nodeCrypto, newest.note, publicKey);
  return { origin, size, root: base64Of(root), note: newest.note };
}

/** The note in a file, as it is; nothing is verified yet. Throws `InvalidInputError`. */
export function readCheckpointFile(path: string): string {
  return new TextDecoder().decode(readBoundedFile(path, NOTE_LENGTH_MAX));
}
