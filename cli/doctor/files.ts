import fs from 'node:fs';
import { dataFolderAt } from '../../adapters/embedded/data-folder.ts';
import { problemsOf } from '../../adapters/embedded/store-check.ts';
import { type DoctorCheck, failure, well } from './check.ts';

/** Whether the databases of the data folder are as they were written; reads all of them. */
export function checkFiles(data: string): readonly DoctorCheck[] {
  const { store, account } = dataFolderAt(data);
  return [
    checkFile('store file', store, '`interlock evidence salvage --out DIR` exports what is left'),
    checkFile('account file', account, 'load the account again, or restore account.db'),
  ];
}

function checkFile(name: string, path: string, hint: string): DoctorCheck {
  if (!fs.existsSync(path)) return well(name, 'there is none yet');
  const problems = problemsOf(path);
  if (problems.length === 0) return well(name, 'every page, table and index is whole');
  return failure(name, `damaged: ${problems.join('; ')}`, hint);
}
