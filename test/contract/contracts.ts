import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Reported } from './side-by-side.ts';

const RUN_MS_MAX = 120_000;
const OUTPUT_BYTES_MAX = 2 ** 26;

/** The contracts that there are: every heading in the files of this folder. */
export function contractNames(): readonly string[] {
  const folder = join('test', 'contract');
  const files = readdirSync(folder).filter((one) => one.endsWith('-contract.ts'));
  return files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const heading = /describe\(`(.+): \$\{name\}`/.exec(text)?.[1];
    if (heading === undefined) throw new Error(`${file} has no describe(\`...: \${name}\`)`);
    return heading;
  });
}

/** Runs Jest on some files and gives what it reports of each test, whether passed or not. */
export async function runJest(parameters: readonly string[]): Promise<readonly Reported[]> {
  const folder = mkdtempSync(join(tmpdir(), 'interlock-jest-'));
  const outputFile = join(folder, 'report.json');
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const options = { timeout: RUN_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX };
  try {
    const own = ['--json', '--silent', '--outputFile', outputFile];
    const run = promisify(execFile)(process.execPath, [jest, ...own, ...parameters], options);
    // Failed tests are in the report.
    const failure = await run.then(
      () => undefined,
      (error: Error) => error,
    );
    return reportedIn(outputFile, failure);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lists the tests of some files, and runs none. */
export function listTests(parameters: readonly string[]): Promise<readonly Reported[]> {
  return runJest(['--testNamePattern', '^no test has this name$', ...parameters]);
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly Reported[];
  }[];
}

function reportedIn(file: string, cause: Error | undefined): readonly Reported[] {
  const { testResults } = JSON.parse(read(file, cause)) as Report;
  const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (broken !== undefined) throw new Error(`${broken.name}: ${broken.message}`, { cause });
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

function read(file: string, cause: Error | undefined): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error('jest has written no report', { cause });
  }
}
