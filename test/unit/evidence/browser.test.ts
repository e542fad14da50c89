import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type BuildOptions, build } from 'esbuild';
import { bytesOfHex } from '../../../core/evidence/bytes.ts';
import { mutants } from '../../evidence/mutants.ts';
import { verdictOf } from './support/mutations.ts';
import { say } from './support/shared-vectors.ts';

/** Every how many-th mutant is verified by the slower port too. */
const STRIDE = 23;
/** What a page must load, at most. */
const MODULE_BYTES_MAX = 48 * 1024;
const ENTRY = 'test/evidence/browser-entry.ts';

const options = {
  bundle: true,
  platform: 'browser',
  format: 'iife',
  globalName: 'evidence',
  write: false,
  logLevel: 'silent',
  metafile: true,
} as const satisfies BuildOptions;

/** What the page answers of a bundle file: the four checks, or why it was refused. */
type Page = (bytes: Uint8Array, trust: string) => string;

/** Runs a script where there is nothing of Node: a realm of its own, without `require`. */
function pageOf(script: string): Page {
  const context = createContext({ TextEncoder, TextDecoder });
  runInContext(script, context);
  runInContext(
    `function judge(bytes, trust) {
      try {
        const bundle = evidence.parseBundle(Uint8Array.from(bytes));
        const verdict = evidence.verifyBundle(evidence.nobleCrypto, bundle, JSON.parse(trust));
        return JSON.stringify(verdict);
      } catch (error) {
        return error.code;
      }
    }`,
    context,
  );
  expect(runInContext('typeof require + typeof process + typeof Buffer', context)).toBe(
    'undefined'.repeat(3),
  );
  return context['judge'] as Page;
}

describe('the verifier in a browser', () => {
  let script = '';
  beforeAll(async () => {
    const { outputFiles } = await build({ ...options, entryPoints: [ENTRY] });
    script = outputFiles[0]?.text ?? '';
  });

  it('is built of evidence, errors and the port alone', async () => {
    const { metafile, outputFiles } = await build({
      ...options,
      entryPoints: ['core/evidence/index.ts'],
      minify: true,
    });
    const outside = Object.keys(metafile.inputs).filter(
      (path) => !path.startsWith('core/evidence/'),
    );

    say(`verifier for a browser: ${outputFiles[0]?.contents.length} bytes, minified`);
    expect(outside).toEqual(['core/errors.ts']);
    expect(Object.keys(metafile.inputs)).not.toContain('core/evidence/node-crypto.ts');
    expect(outputFiles[0]?.contents.length).toBeLessThan(MODULE_BYTES_MAX);
  });

  it('cannot be built with anything of Node', async () => {
    const stdin = {
      contents: "export * from './index.ts'; export * from './node-crypto.ts';",
      resolveDir: 'core/evidence',
    };

    await expect(build({ ...options, stdin })).rejects.toThrow('Could not resolve "node:crypto"');
  });

  it('gives the verdicts that Node gives, of honest bundles and of mutants', () => {
    const judge = pageOf(script);
    const counts = { ok: 0, others: 0 };
    let index = 0;
    for (const { name, bytes, trust, ok } of mutants()) {
      index++;
      if (!ok && index % STRIDE !== 0) continue;
      const answer = judge(bytes, JSON.stringify(trust));
      const here = verdictOf(bytes, trust);

      expect(`${name}: ${reasonOf(answer)}`).toBe(`${name}: ${here.reason}`);
      expect(here.ok).toBe(ok);
      counts[ok ? 'ok' : 'others']++;
    }
    say(`verdicts in a browser: ${counts.ok} ok and ${counts.others} others are the same`);

    expect(counts.ok).toBe(40);
    expect(counts.others).toBeGreaterThan(400);
  });

  it('judges signatures as Node does', () => {
    const context = createContext({ TextEncoder, TextDecoder });
    runInContext(script, context);
    const verify = runInContext('evidence.nobleCrypto.verifyP256', context);
    const vectors: readonly {
      readonly desc: string;
      readonly publicKey: string;
      readonly message: string;
      readonly signature: string;
      readonly isValid: boolean;
    }[] = JSON.parse(readFileSync('test/vectors/ecdsa.json', 'utf8'));

    for (const { desc, publicKey, message, signature, isValid } of vectors) {
      const answer = verify(...[publicKey, message, signature].map(bytesOfHex));
      expect(`${desc}: ${answer}`).toBe(`${desc}: ${isValid}`);
    }
  });
});

/** As `verdictOf` says it. */
function reasonOf(answer: string): string {
  if (!answer.startsWith('{')) return answer;
  const { ok: _, ...checks } = JSON.parse(answer);
  const bad = Object.entries<{ ok: unknown; reason: string }>(checks).find(
    ([, check]) => check.ok !== true,
  );
  return bad === undefined ? 'verified' : `${bad[0]}: ${bad[1].reason}`;
}
