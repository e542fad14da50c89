import fs from 'node:fs';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { openExisting } from '../open.ts';
import { type DoctorCheck, failureOf } from './check.ts';
import { checkFiles } from './files.ts';
import { checkFolder } from './folder.ts';
import { checkInstallation } from './installation.ts';
import { checkStore } from './store.ts';

/** Every check that can be made; makes no data folder. */
export async function examine(data: string): Promise<readonly DoctorCheck[]> {
  const outside = [...(await checkInstallation(Date.now())), ...checkFolder(data)];
  const isBroken = outside.some(({ name, level }) => name.endsWith('key') && level === 'fail');
  if (isBroken || !fs.existsSync(dataFolderAt(data).store)) return outside;
  // Before they are opened: that writes, and a lost log would be gone.
  const files = checkFiles(data);
  return [...outside, ...files, ...(await openAndCheck(data))];
}

async function openAndCheck(data: string): Promise<readonly DoctorCheck[]> {
  try {
    const controlPlane = openExisting({ data });
    try {
      return await checkStore(controlPlane);
    } finally {
      controlPlane.close();
    }
  } catch (error) {
    return [failureOf('store', error, 'restore the data folder from a backup')];
  }
}
