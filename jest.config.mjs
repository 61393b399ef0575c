/** What plays faults and cheats through: `npm run test:long`. Newcomers need not wait for it. */
const LONG = [
  '/test/cheats-on-(commands|tests|reports)\\.e2e-spec\\.ts$',
  '/test/(git|gitea)-faults\\.e2e-spec\\.ts$',
  '/test/real-projects\\.e2e-spec\\.ts$',
  '/test/full-disk\\.e2e-spec\\.ts$',
  '/test/(convergence|demo|live-profile)\\.e2e-spec\\.ts$',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: process.env.MOSAIC_LONG_TESTS === 'only' ? LONG : '\\.(spec|e2e-spec)\\.ts$',
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.MOSAIC_LONG_TESTS === 'left-out' ? LONG : [])],
  moduleFileExtensions: ['ts', 'js', 'json'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true }] },
  setupFilesAfterEnv: ['<rootDir>/test/support/every-test.ts'],
  // Jest would leave one processor of two idle; many suites wait for programs that they started.
  maxWorkers: 2,
  // Native ESM keeps every suite's modules in memory; the limit restarts a worker before that hurts.
  workerIdleMemoryLimit: '512MB',
  // That of V8 makes each suite of native ESM take three times as long.
  coverageProvider: 'babel',
  collectCoverageFrom: ['src/**/*.ts'],
  coverageThreshold: { global: { lines: 95, branches: 95 } },
};
