// Runs every stage even when one fails, and ends with `N passed, N failed`. No dependencies: it
// starts on a clone where nothing is installed.
import { spawn } from 'node:child_process';

/** A stage counts what it prints about its own checks, or one for itself. */
const STAGES = [
  { name: 'npm start -- --exit', command: ['npm', 'start', '--silent', '--', '--exit'] },
  { name: 'npm test', command: ['npm', 'test', '--silent'], count: jestTotals },
  {
    name: 'npm run test:python',
    command: ['npm', 'run', '--silent', 'test:python'],
    count: jestTotals,
  },
  { name: 'npm run check', command: ['npm', 'run', '--silent', 'check'] },
  {
    name: 'npm run test:e2e',
    command: ['npm', 'run', '--silent', 'test:e2e'],
    count: jestTotals,
  },
  // Every point of a run, and every third of a recovery: which ones, the seed says. `npm run crash`
  // has all of them.
  {
    name: 'npm run crash -- SEED 1 3',
    command: ['npm', 'run', '--silent', 'crash', '--', `${Date.now() % 1_000_000}`, '1', '3'],
  },
  {
    name: 'npm run bench -- --gates',
    command: ['npm', 'run', '--silent', 'bench', '--', '--gates'],
    count: gateTotals,
  },
];

const totals = { passed: 0, failed: 0 };
const summary = [];
for (const stage of STAGES) {
  console.log(`\n== ${stage.name}`);
  const started = Date.now();
  const { code, output } = await run(stage.command);
  const result = resultOf(stage, code, output);
  totals.passed += result.passed;
  totals.failed += result.failed;
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  summary.push(`${stage.name}: ${result.passed} passed, ${result.failed} failed, ${seconds} s`);
}
console.log(`\n${summary.join('\n')}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;

function resultOf(stage, code, output) {
  const counted = stage.count?.(output);
  if (counted === undefined)
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  // A stage that fails without a failed check has failed by itself.
  return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const [stream, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.on('data', (data) => {
        output += data;
        to.write(data);
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function jestTotals(output) {
  const line = output.match(/^Tests: .*$/m)?.[0];
  if (line === undefined) return undefined;
  return { passed: numberBefore(line, 'passed'), failed: numberBefore(line, 'failed') };
}

function gateTotals(output) {
  const line = output.match(/^gates: .*$/m)?.[0];
  if (line === undefined) return undefined;
  return { passed: numberBefore(line, 'passed'), failed: numberBefore(line, 'failed') };
}

function numberBefore(line, word) {
  return Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
}
