// Makes the Python virtual environment of the emulator when it is missing or not that of
// requirements.txt. No dependencies.
import { fileURLToPath } from 'node:url';
import { makePythonEnvironment } from '../../../tools/python-environment.mjs';

makePythonEnvironment({
  name: 'emulator',
  requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
  command: 'npm run test:e2e',
});
