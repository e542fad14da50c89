import fs from 'node:fs';
import { basename } from 'node:path';
import { type DataFolder, dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { keyFileSigner } from '../../adapters/embedded/signer.ts';
import { type DoctorCheck, failure, failureOf, warning, well } from './check.ts';

/** The files of the data folder: there, and for their owner only. */
export function checkFolder(data: string): readonly DoctorCheck[] {
  const folder = dataFolderAt(data);
  if (!fs.existsSync(folder.store))
    return [
      warning(
        'data folder',
        `there is none at \`${data}\` yet`,
        'make one with `interlock audit --account FILE --apply`',
      ),
    ];
  return [
    checkModes(folder),
    checkKey('key', folder.key, 'signing key'),
    checkKey('log key', folder.logKey, 'key of the log'),
  ];
}

function checkModes(folder: DataFolder): DoctorCheck {
  const open = [folder.path, folder.store, folder.account, folder.key, folder.logKey].filter(
    (path) => fs.existsSync(path) && isWritableByOthers(path),
  );
  if (open.length === 0) return well('data folder', folder.path);
  return failure(
    'data folder',
    `others may write to ${open.map((path) => `\`${path}\``).join(', ')}`,
    `run \`chmod -R go-w ${folder.path}\``,
  );
}

function isWritableByOthers(path: string): boolean {
  return (fs.statSync(path).mode & 0o022) !== 0;
}

function checkKey(name: string, path: string, what: string): DoctorCheck {
  const hint = `restore ${basename(path)} from a backup`;
  if (!fs.existsSync(path)) return failure(name, `the ${what} is missing`, hint);
  try {
    return well(name, `P-256, fingerprint ${keyFileSigner(path).keyId}`);
  } catch (error) {
    return failureOf(name, error, hint);
  }
}
