// Python virtual environments of the tests. No dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// With the other dependencies: git, the linter and the tests' crawler leave that folder alone.
const cache = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', '.cache');

/**
 * Makes an environment of exactly a requirements file, when it is missing or of another one; ends
 * the process with a hint when it cannot. `command` is the one that wants it.
 */
export function makePythonEnvironment({ name, requirements, command }) {
  const environment = join(cache, name);
  // Written last: a copy of the requirements that a complete environment was made from.
  const installed = join(environment, 'installed.txt');
  const python = process.env.PYTHON || 'python3';
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  process.stderr.write(`Making the Python environment of the ${name} ...\n`);
  rmSync(environment, { recursive: true, force: true });
  const run = (program, parameters, { problem, next }) => {
    const result = spawnSync(program, parameters, { stdio: ['ignore', 2, 2] });
    if (result.status === 0) return;
    rmSync(environment, { recursive: true, force: true });
    process.stderr.write(`error: ${problem}\nhint: ${next}\n`);
    process.exit(1);
  };
  run(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], {
    problem: `\`${python}\` is missing or older than 3.10`,
    next: `install Python 3.10 or newer, or name one: PYTHON=python3.12 ${command}`,
  });
  run(python, ['-m', 'venv', environment], {
    problem: `\`${python} -m venv\` failed`,
    next: 'install the venv module (on Debian and Ubuntu: apt install python3-venv)',
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  run(join(environment, 'bin', 'python'), [...pip, '-r', requirements], {
    problem: `pip could not install the ${name}`,
    next: 'read its output above; a Python package index must be reachable, then run it again',
  });
  writeFileSync(installed, wanted);
}
