// Makes the Python virtual environment of the emulator when it is missing or not that of
// requirements.txt. No dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const requirements = join(here, 'requirements.txt');
// With the other dependencies: git, the linter and the tests' crawler leave that folder alone.
const root = join(here, '..', '..', '..');
const environment = join(root, 'node_modules', '.cache', 'emulator');
// Written last: a copy of the requirements that a complete environment was made from.
const installed = join(environment, 'installed.txt');
const python = process.env.PYTHON || 'python3';

const wanted = readFileSync(requirements, 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
  process.stderr.write('Making the Python environment of the emulator ...\n');
  rmSync(environment, { recursive: true, force: true });
  run(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], {
    problem: `\`${python}\` is missing or older than 3.10`,
    next: 'install Python 3.10 or newer, or name one: PYTHON=python3.12 npm run test:e2e',
  });
  run(python, ['-m', 'venv', environment], {
    problem: `\`${python} -m venv\` failed`,
    next: 'install the venv module (on Debian and Ubuntu: apt install python3-venv)',
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  run(join(environment, 'bin', 'python'), [...pip, '-r', requirements], {
    problem: 'pip could not install the emulator',
    next: 'read its output above; a Python package index must be reachable, then run it again',
  });
  writeFileSync(installed, wanted);
}

function run(command, parameters, { problem, next }) {
  const result = spawnSync(command, parameters, { stdio: ['ignore', 2, 2] });
  if (result.status === 0) return;
  rmSync(environment, { recursive: true, force: true });
  process.stderr.write(`error: ${problem}\nhint: ${next}\n`);
  process.exit(1);
}
