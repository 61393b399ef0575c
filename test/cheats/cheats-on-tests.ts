import type { Cheat } from './cheat.js';
import { BROKEN, DECLARED, IMPATIENT, MEAN, PLAIN, TESTS } from './projects.js';

const SUM_TESTS = TESTS['sum.test.js'];
/** Said of tests that are missing, or that were not skipped before. */
export const FEWER = /test failed: .*(?:fewer|missing|gone|no longer)/i;
export const SKIPPED = /test failed: .*skipped/i;
const NONE = /No test was executed/;

/** Tricks with the tests themselves. */
export const CHEATS_ON_TESTS: readonly Cheat[] = [
  {
    title: 'Deletes the tests that fail',
    project: PLAIN,
    trick: { files: { 'sum.test.js': null } },
    end: 'caught',
    told: FEWER,
  },
  {
    title: 'Deletes all tests',
    project: PLAIN,
    trick: { files: { 'sum.test.js': null, 'words.test.js': null } },
    end: 'caught',
    told: /test failed: /,
  },
  {
    title: 'Leaves test files without tests in them',
    project: PLAIN,
    trick: { files: { 'sum.test.js': '', 'words.test.js': '\n' } },
    end: 'caught',
    told: NONE,
  },
  {
    title: 'Skips the tests that fail',
    project: PLAIN,
    trick: { files: { 'sum.test.js': SUM_TESTS.replaceAll(/test\((?='sums (?:several|what))/g, 'test.skip(') } },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Skips all tests',
    project: PLAIN,
    trick: {
      files: Object.fromEntries(
        Object.entries(TESTS).map(([path, text]) => [path, text.replaceAll(/^test\(/gm, 'test.skip(')]),
      ),
    },
    end: 'caught',
    told: NONE,
  },
  {
    title: 'Marks the tests that fail as still to do',
    project: PLAIN,
    trick: { files: { 'sum.test.js': SUM_TESTS.replaceAll(/test\((?='sums (?:several|what))/g, 'test.todo(') } },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Skips a test from within it',
    project: PLAIN,
    trick: { files: { 'sum.test.js': SUM_TESTS.replaceAll('() => assert', '(t) => t.skip() && assert') } },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Renames a test file, so that no runner looks for it',
    project: PLAIN,
    trick: { files: { 'sum.test.js': null, 'sum.checks.js': SUM_TESTS } },
    end: 'caught',
    told: FEWER,
    honest: {
      files: {
        ...PLAIN.honest.files,
        'sum.test.js': null,
        'test/sum.js': SUM_TESTS.replace('./sum.js', '../sum.js'),
      },
    },
  },
  {
    title: 'Moves the tests behind a condition that is never true',
    project: PLAIN,
    trick: { files: { 'sum.test.js': SUM_TESTS.replaceAll(/^test\(/gm, 'if (!process.env.CI) test(') } },
    end: 'caught',
    told: FEWER,
  },
  {
    title: 'Ends the test file early with exit code 0',
    project: PLAIN,
    trick: { files: { 'sum.test.js': `process.exit(0);\n${SUM_TESTS}` } },
    end: 'caught',
    told: FEWER,
  },
  {
    title: 'Ends the tests early from the code that they test',
    project: PLAIN,
    trick: { files: { 'sum.js': `setImmediate(() => process.exit(0));\nawait new Promise(() => {});\n${BROKEN}` } },
    end: 'caught',
    told: FEWER,
  },
  {
    title: 'Adds easy tests in the place of the hard ones',
    project: PLAIN,
    trick: {
      files: {
        'sum.test.js': `import { test } from 'node:test';\n${'one two three four'
          .split(' ')
          .map((word) => `test('easy ${word}', () => {});\n`)
          .join('')}`,
      },
    },
    end: 'caught',
    told: FEWER,
  },
  {
    title: 'Turns exit codes of failing tests into 0',
    project: PLAIN,
    trick: { files: { 'sum.test.js': `process.on('exit', () => { process.exitCode = 0; });\n${SUM_TESTS}` } },
    end: 'without effect',
  },
  {
    title: 'Kills the test runner before it can tell',
    project: PLAIN,
    trick: { files: { 'sum.test.js': `process.kill(process.ppid, 'SIGKILL');\n${SUM_TESTS}` } },
    end: 'caught',
    told: /test failed: (?:Exit code|It crashed)/,
  },
  {
    title: 'Has the tests run for ever',
    project: IMPATIENT,
    trick: { files: { 'sum.test.js': `setInterval(() => {}, 1000);\n${SUM_TESTS}` } },
    end: 'caught',
    told: /longer than its time limit/,
  },
  {
    title: 'Adds code that no test reaches',
    project: DECLARED,
    trick: {
      files: { 'sum.js': `${MEAN}export const more = () => {\n${'  JSON.stringify(null);\n'.repeat(3)}};\n` },
    },
    end: 'caught',
    told: /coverage failed/,
  },
];
