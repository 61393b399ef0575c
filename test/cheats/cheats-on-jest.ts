import type { Cheat, Project } from './cheat.js';
import { SKIPPED } from './cheats-on-tests.js';
import { manifest } from './projects.js';

const SUM = 'exports.sum = (numbers) => numbers.reduce((total, number) => total + number, 0);\n';
const TESTS = `const { sum } = require('./sum');
it('sums nothing', () => expect(sum([])).toBe(0));
it('sums several', () => expect(sum([1, 2, 4])).toBe(7));
it('sums what is negative', () => expect(sum([2, -1])).toBe(1));
`;

/** Jest is not installed from anywhere: the packages beside these tests are linked. */
export const GATES = `gates:
  setup: ln -s "$DEPENDENCIES" node_modules
  test:
    run: node_modules/.bin/jest --ci --json --outputFile=report.json
    report: report.json
`;

const JEST: Project = {
  name: 'a package with jest',
  files: {
    'package.json': manifest({ test: 'jest' }, { type: 'commonjs', devDependencies: { jest: '*' } }),
    'jest.config.json': '{ "testEnvironment": "node" }\n',
    'sum.js': SUM,
    'sum.test.js': TESTS,
    '.gitignore': 'node_modules\n',
    '.mosaic/coordinator.yml': GATES,
  },
  honest: {
    files: {
      'sum.js': `${SUM}exports.mean = (numbers) => exports.sum(numbers) / numbers.length;\n`,
      'mean.test.js': "const { mean } = require('./sum');\nit('finds the mean', () => expect(mean([1, 3])).toBe(2));\n",
    },
  },
  broken: { files: { 'sum.js': 'exports.sum = (numbers) => numbers.length;\nexports.mean = () => 1;\n' } },
  truth: 'test failed: 2 of 3 tests failed',
};

/** Tricks with jest. */
export const CHEATS_ON_JEST: readonly Cheat[] = [
  {
    title: 'Runs one easy test alone, with it.only',
    project: JEST,
    trick: { files: { 'sum.test.js': TESTS.replace('it(', 'it.only(') } },
    end: 'caught',
    told: SKIPPED,
  },
  {
    title: 'Has the settings of jest overlook tests',
    project: JEST,
    trick: {
      files: {
        'jest.config.json':
          '{ "testEnvironment": "node", "testNamePattern": "nothing", "testPathIgnorePatterns": [] }\n',
      },
    },
    end: 'without effect',
  },
  {
    title: 'Has a set-up file of jest replace what tests expect',
    project: JEST,
    trick: {
      files: {
        'jest.config.json': '{ "testEnvironment": "node", "setupFilesAfterEnv": ["./lenient.js"] }\n',
        'lenient.js': 'global.expect = () => ({ toBe() {} });\n',
      },
    },
    end: 'without effect',
  },
  {
    title: 'Shadows the settings of jest with a second file',
    project: JEST,
    trick: {
      files: { 'jest.config.js': "module.exports = { testRegex: 'easy' };\n", 'easy.js': "it('is easy', () => {});\n" },
    },
    end: 'caught',
    told: /test failed: /,
  },
  {
    title: 'Ends jest early with exit code 0',
    project: JEST,
    trick: { files: { 'sum.test.js': `process.exit(0);\n${TESTS}` } },
    end: 'caught',
    told: /test failed: Exit code 0, but the report report.json was not written/,
  },
];
