import { createPublicKey, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { dataFolderAt } from '../adapters/embedded/data-folder.ts';
import { fingerprintOf, keyFileSigner } from '../adapters/embedded/signer.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { Trust } from '../core/evidence/index.ts';
import { readCheckpointFile } from './checkpoint-file.ts';
import { readBoundedFile } from './read-json-file.ts';

const KEY_FILE_BYTES_MAX = 16 * 1024;

/** Whom the command line trusts. */
export interface TrustOptions {
  /** Fingerprints, or files of public keys. */
  readonly trust?: readonly string[] | undefined;
  readonly trustEmbeddedKey?: boolean | undefined;
  /** A file with a checkpoint that the reader has from before. */
  readonly checkpoint?: string | undefined;
}

/**
 * The trusted keys: the data folder's own when there is one (of the log, and the one that seals),
 * and those that were named. Throws `InvalidInputError` (`key-invalid`) for a name that is no key.
 */
export function trustOf(data: string, options: TrustOptions): Trust {
  const { trust = [], trustEmbeddedKey, checkpoint } = options;
  const { key, logKey } = dataFolderAt(data);
  const own = [logKey, key].filter((path) => fs.existsSync(path));
  const trustedKeyIds = [...own.map((path) => keyFileSigner(path).keyId), ...trust.map(keyIdOf)];
  return {
    trustedKeyIds,
    ...(trustEmbeddedKey === true ? { trustEmbeddedKey: true } : {}),
    ...(checkpoint === undefined ? {} : { checkpoint: readCheckpointFile(checkpoint) }),
  };
}

/** A public key in the form that other tools read. */
export function pemOf(publicKey: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

function keyIdOf(named: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(named)) return named.toLowerCase();
  const publicKey = parseKey(named, Buffer.from(readBoundedFile(named, KEY_FILE_BYTES_MAX)));
  return fingerprintOf(publicKey.export({ format: 'der', type: 'spki' }));
}

function parseKey(file: string, bytes: Buffer): KeyObject {
  // A private key would be read too, and then people would pass it around.
  if (bytes.includes('PRIVATE KEY'))
    throw new InvalidInputError('key-invalid', `\`${file}\` holds a private key`, {
      hint: '`interlock evidence key` prints the public one',
    });
  try {
    return bytes.includes('-----BEGIN')
      ? createPublicKey({ key: bytes, format: 'pem' })
      : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new InvalidInputError('key-invalid', `\`${file}\` is not a public key`, {
      hint: 'a key is a PEM or DER (SPKI) file, or a fingerprint of 64 hex digits',
      cause,
    });
  }
}
