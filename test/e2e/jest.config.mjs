import root from '../../jest.config.mjs';

/** @type {import('jest').Config} */
const config = {
  ...root,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
  reporters: ['default', '<rootDir>/test/e2e/contract-reporter.ts'],
  // A deployment and a scheduled run take minutes, not seconds.
  testTimeout: 300000,
  // Each file has an emulator of its own, and waits most of its time.
  maxWorkers: 2,
};

// biome-ignore lint/style/noDefaultExport: jest wants its configuration as the default export
export default config;
