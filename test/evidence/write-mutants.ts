import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from './mutants.ts';

// node test/evidence/write-mutants.ts DIR: writes DIR/NNNNN.json, one bundle file each, and
// DIR/index.json, which says of each whom its reader trusts and whether it must be ok.
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to write to');
mkdirSync(folder, { recursive: true });

const index: object[] = [];
for (const { name, bytes, ok, trust } of mutants()) {
  const file = `${String(index.length).padStart(5, '0')}.json`;
  writeFileSync(join(folder, file), bytes);
  const { trustedKeyIds, checkpoint } = trust;
  index.push({ file, name, ok, trust: trustedKeyIds, ...(checkpoint && { checkpoint }) });
}
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, null, 1)}\n`);
console.log(`${index.length} files in ${folder}`);
