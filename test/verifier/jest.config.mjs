import root from '../../jest.config.mjs';

/** @type {import('jest').Config} */
const config = {
  ...root,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/verifier/**/*.python.ts'],
  // A batch is thousands of bundles, verified twice.
  testTimeout: 180000,
};

// biome-ignore lint/style/noDefaultExport: jest wants its configuration as the default export
export default config;
