/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.(ts|js)$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!canonicalize/)'],
  modulePathIgnorePatterns: ['<rootDir>/.interlock'],
  testTimeout: 60000,
  maxWorkers: 2,
};
