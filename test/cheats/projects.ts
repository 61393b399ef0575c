import type { Project } from './cheat.js';

const SOURCES = {
  'sum.js': 'export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);\n',
  'words.js': "export const words = (text) => text.split(' ');\n",
};
/** Four tests. */
export const TESTS = {
  'sum.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum } from './sum.js';
test('sums nothing', () => assert.equal(sum([]), 0));
test('sums several', () => assert.equal(sum([1, 2, 4]), 7));
test('sums what is negative', () => assert.equal(sum([2, -1]), 1));
`,
  'words.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { words } from './words.js';
test('finds words', () => assert.deepEqual(words('a b'), ['a', 'b']));
`,
};
/** The issue asks for a mean. */
export const MEAN = `${SOURCES['sum.js']}export const mean = (numbers) => sum(numbers) / numbers.length;\n`;
const MEAN_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean } from './sum.js';
test('finds the mean', () => assert.equal(mean([1, 3]), 2));
`;
/** With this sum the mean is always 1. */
export const BROKEN = `export const sum = (numbers) => numbers.length;
export const mean = (numbers) => sum(numbers) / numbers.length;
`;
const HONEST = { files: { 'sum.js': MEAN, 'mean.test.js': MEAN_TEST } };

export function manifest(scripts: Readonly<Record<string, string>>, more: object = {}): string {
  return `${JSON.stringify({ name: 'sums', version: '1.0.0', type: 'module', ...more, scripts }, null, 2)}\n`;
}

export const SCRIPTS = { build: 'node --check sum.js', test: 'node --test' };

/** Declares nothing: its gates are the scripts of its package.json. */
export const PACKAGE: Project = {
  name: 'a package',
  files: { ...SOURCES, ...TESTS, 'package.json': manifest(SCRIPTS) },
  honest: HONEST,
  broken: { files: { 'sum.js': BROKEN } },
  truth: 'test failed: 2 of 4 tests failed',
};

/** Declares nothing but its tests, which need no npm to start: most cheats are tried here, so that they take little time. */
export const PLAIN: Project = {
  ...PACKAGE,
  name: 'a test gate alone',
  files: {
    ...SOURCES,
    ...TESTS,
    'package.json': manifest({}),
    '.mosaic/coordinator.yml': 'gates:\n  test: node --test\n',
  },
};

const LIB = '{ "name": "lib", "version": "1.0.0" }\n';
export const LOCK = (bin?: object): string =>
  JSON.stringify({
    name: 'sums',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'sums', version: '1.0.0', dependencies: { lib: 'file:lib' } },
      lib: { version: '1.0.0', ...(bin ? { bin } : {}) },
      'node_modules/lib': { resolved: 'lib', link: true },
    },
  });
export const WITH_LIB = { dependencies: { lib: 'file:lib' } };

/** Its dependency, which lies in the repository, is installed first. */
export const PACKAGE_WITH_DEPENDENCY: Project = {
  ...PACKAGE,
  name: 'a package with a dependency',
  files: {
    ...PACKAGE.files,
    'package.json': manifest(SCRIPTS, WITH_LIB),
    'package-lock.json': LOCK(),
    'lib/package.json': LIB,
    '.gitignore': 'node_modules/\n',
  },
};

const RUNNER = `#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
process.exitCode = spawnSync('node', ['--test'], { stdio: 'inherit' }).status ?? 1;
`;
const RUNNER_SCRIPTS = { ...SCRIPTS, test: 'check' };
export const RUNNER_MANIFEST = (dependencies: object): string => manifest(RUNNER_SCRIPTS, { dependencies });
/** @param bins what programs the packages have, which lie in folders of their names */
export const RUNNER_LOCK = (bins: Readonly<Record<string, object>>): string => {
  const names = Object.keys(bins);
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:${name}`]));
  const places = names.flatMap((name) => [
    [name, { version: '1.0.0', bin: bins[name] }],
    [`node_modules/${name}`, { resolved: name, link: true }],
  ]);
  const packages = { '': { name: 'sums', version: '1.0.0', dependencies }, ...Object.fromEntries(places) };
  return JSON.stringify({ name: 'sums', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
};

/** Its tests are run by a program of a dependency. */
export const PACKAGE_WITH_RUNNER: Project = {
  ...PACKAGE,
  name: 'a package with a test runner',
  files: {
    ...PACKAGE.files,
    'package.json': RUNNER_MANIFEST({ lib: 'file:lib' }),
    'package-lock.json': RUNNER_LOCK({ lib: { check: 'check.mjs' } }),
    'lib/package.json': manifest({}, { name: 'lib', bin: { check: 'check.mjs' } }),
    'lib/check.mjs': RUNNER,
    '.gitignore': 'node_modules/\n',
  },
};

const BUILD_SCRIPTS = { ...SCRIPTS, build: 'node build.js' };
export const BUILD = "import { cpSync } from 'node:fs';\ncpSync('sum.js', 'dist/sum.js');\n";

/** Its build runs a program of the repository itself, as most do. */
export const BUILT_PACKAGE: Project = {
  ...PACKAGE,
  name: 'a package that builds itself',
  files: { ...PACKAGE.files, 'package.json': manifest(BUILD_SCRIPTS), 'build.js': BUILD, '.gitignore': 'dist/\n' },
};

export const MAKEFILE = 'test:\n\tnode --test\n';

export const MAKE: Project = {
  ...PACKAGE,
  name: 'a makefile',
  files: { ...SOURCES, ...TESTS, 'package.json': manifest({}), Makefile: MAKEFILE },
  needs: 'make',
};

/** Node itself writes reports in both formats. */
export const DECLARED_GATES = `gates:
  lint: |
    node -e "
      const { forbidden } = JSON.parse(fs.readFileSync('.eslintrc.json', 'utf8'));
      const found = fs.readdirSync('.').filter((name) => name.endsWith('.js') && fs.readFileSync(name, 'utf8').includes(forbidden));
      if (found.length > 0) throw new Error(forbidden + ' in ' + found);
    "
  test:
    run: node --test --test-reporter=junit --test-reporter-destination=report.xml
    report: report.xml
  coverage:
    run: |
      node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info
      node -e "
        const { lines } = JSON.parse(fs.readFileSync('.nycrc.json', 'utf8'));
        const sum = (word) => fs.readFileSync('lcov.info', 'utf8').split('\\n').filter((line) => line.startsWith(word + ':')).reduce((total, line) => total + Number(line.slice(3)), 0);
        if (sum('LH') / sum('LF') * 100 < lines) throw new Error('less than ' + lines + ' % covered');
      "
    report: lcov.info
    threshold: 60
`;

/** Declares its gates, with reports. */
export const DECLARED: Project = {
  ...PACKAGE,
  name: 'declared gates',
  files: {
    ...SOURCES,
    ...TESTS,
    'package.json': manifest({}),
    '.mosaic/coordinator.yml': DECLARED_GATES,
    '.eslintrc.json': '{ "forbidden": "debugger" }\n',
    '.nycrc.json': '{ "lines": 90 }\n',
  },
  truth: 'test and coverage failed; test: 2 of 4 tests failed',
};

/** Declares a time limit that is soon reached. */
export const IMPATIENT: Project = {
  ...PACKAGE,
  name: 'a package with a time limit',
  files: { ...PACKAGE.files, '.mosaic/coordinator.yml': 'gates:\n  test: { run: node --test, timeout: 12s }\n' },
};
