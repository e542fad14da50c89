// Makes the Python virtual environment of the verifier when it is missing or not that of
// requirements.txt. No dependencies.
import { fileURLToPath } from 'node:url';
import { makePythonEnvironment } from '../../tools/python-environment.mjs';

makePythonEnvironment({
  name: 'verifier',
  requirements: fileURLToPath(new URL('requirements.txt', import.meta.url)),
  command: 'npm run test:python',
});
