import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const COMMENTED_POLICY = /((?:^\/\/.*\n)+)@id\("([^"]+)"\)/gm;

/** The comment above each policy of a folder, by policy id: every policy has one in words. */
export function policySentences(directory: string): ReadonlyMap<string, string> {
  const files = readdirSync(directory).filter((file) => file.endsWith('.cedar'));
  return new Map(
    files.flatMap((file) => {
      const text = readFileSync(join(directory, file), 'utf8');
      return [...text.matchAll(COMMENTED_POLICY)].map(([, comment = '', id = '']) => {
        const sentence = comment
          .replace(/^\/\/ ?/gm, '')
          .replace(/\s+/g, ' ')
          .trim();
        return [id, sentence] as const;
      });
    }),
  );
}
