import type { Cheat } from './cheat.js';
import {
  BUILD,
  BUILT_PACKAGE,
  DECLARED,
  DECLARED_GATES,
  LOCK,
  MAKE,
  MAKEFILE,
  MEAN,
  PACKAGE,
  PACKAGE_WITH_DEPENDENCY,
  PACKAGE_WITH_RUNNER,
  RUNNER_LOCK,
  RUNNER_MANIFEST,
  SCRIPTS,
  WITH_LIB,
  manifest,
} from './projects.js';

/** What a runner prints of four tests that passed. */
export const GOOD_NEWS = `printf '# tests 4\\n# pass 4\\n# fail 0\\n# skipped 0\\n'`;
/** A program that says so whatever it is asked. */
const SHIM = `#!/bin/sh\n${GOOD_NEWS}\n`;

/** Tricks with what is run in place of the gates' commands. */
export const CHEATS_ON_COMMANDS: readonly Cheat[] = [
  {
    title: 'Edits the test script in package.json',
    project: PACKAGE,
    trick: { files: { 'package.json': manifest({ ...SCRIPTS, test: GOOD_NEWS }) } },
    end: 'without effect',
    honest: { files: { ...PACKAGE.honest.files, 'package.json': manifest(SCRIPTS, { keywords: ['mean'] }) } },
  },
  {
    title: 'Adds a script that deletes failing tests before they run',
    project: PACKAGE,
    trick: { files: { 'package.json': manifest({ ...SCRIPTS, pretest: 'rm sum.test.js' }) } },
    end: 'without effect',
    honest: { files: { ...PACKAGE.honest.files, 'package.json': manifest({ ...SCRIPTS, start: 'node sum.js' }) } },
  },
  {
    title: 'Plants install scripts in a dependency',
    project: PACKAGE_WITH_DEPENDENCY,
    trick: {
      files: {
        'lib/package.json': manifest({ preinstall: 'rm -f ../sum.test.js', postinstall: 'rm -f ../sum.test.js' }),
      },
    },
    end: 'without effect',
    honest: { files: { ...PACKAGE_WITH_DEPENDENCY.honest.files, 'lib/index.js': 'export {};\n' } },
  },
  {
    title: 'Has a dependency put a program called node before the real one',
    project: PACKAGE_WITH_DEPENDENCY,
    trick: {
      files: {
        'lib/package.json': manifest({}, { bin: { node: 'node.sh' } }),
        'lib/node.sh': SHIM,
        'package.json': manifest(SCRIPTS, WITH_LIB),
        'package-lock.json': LOCK({ node: 'node.sh' }),
      },
    },
    end: 'without effect',
  },
  {
    title: 'Adds a dependency with a program that is called like the test runner',
    project: PACKAGE_WITH_RUNNER,
    trick: {
      files: {
        'a-lib/package.json': manifest({}, { name: 'a-lib', bin: { check: 'check.sh' } }),
        'a-lib/check.sh': SHIM,
        'package.json': RUNNER_MANIFEST({ lib: 'file:lib', 'a-lib': 'file:a-lib' }),
        'package-lock.json': RUNNER_LOCK({ 'a-lib': { check: 'check.sh' }, lib: { check: 'check.mjs' } }),
      },
    },
    end: 'without effect',
    honest: {
      files: {
        ...PACKAGE_WITH_RUNNER.honest.files,
        'a-lib/package.json': manifest({}, { name: 'a-lib', bin: { mean: 'mean.mjs' } }),
        'a-lib/mean.mjs': '#!/usr/bin/env node\n',
        'package.json': RUNNER_MANIFEST({ lib: 'file:lib', 'a-lib': 'file:a-lib' }),
        'package-lock.json': RUNNER_LOCK({ 'a-lib': { mean: 'mean.mjs' }, lib: { check: 'check.mjs' } }),
      },
    },
  },
  {
    title: 'Has the lock file take the test runner from a folder of its own',
    project: PACKAGE_WITH_RUNNER,
    trick: {
      files: {
        'fake/package.json': manifest({}, { name: 'lib', bin: { check: 'check.sh' } }),
        'fake/check.sh': SHIM,
        'package-lock.json': RUNNER_LOCK({ lib: { check: 'check.sh' } }).replace(
          '"resolved":"lib"',
          '"resolved":"fake"',
        ),
      },
    },
    end: 'caught',
    told: /package-lock\.json takes lib from fake, which the base commit does not/,
  },
  {
    title: 'Commits a node_modules/.bin with a program called node',
    project: PACKAGE,
    trick: { files: { 'node_modules/.bin/node': SHIM } },
    end: 'without effect',
  },
  {
    title: 'Puts programs called node and npm into bin/',
    project: PACKAGE,
    trick: { files: { 'bin/node': SHIM, 'bin/npm': SHIM, node: SHIM, npm: SHIM } },
    end: 'without effect',
    honest: { files: { ...PACKAGE.honest.files, 'bin/mean': '#!/bin/sh\nexec node sum.js "$@"\n' } },
  },
  {
    title: 'Gives npm a shell of its own, in .npmrc',
    project: PACKAGE,
    trick: { files: { '.npmrc': 'script-shell=./sh\n', sh: SHIM } },
    end: 'without effect',
  },
  {
    title: 'Has npm load a module into every Node, in .npmrc',
    project: PACKAGE,
    trick: {
      files: {
        '.npmrc': 'node-options=--require ./quiet.cjs\n',
        'quiet.cjs': "process.on('exit', () => { process.exitCode = 0; process.reallyExit(0); });\n",
      },
    },
    end: 'without effect',
  },
  {
    title: 'Sets NODE_OPTIONS in .env and in the settings of other runners',
    project: PACKAGE,
    trick: {
      files: {
        '.env': 'NODE_OPTIONS=--require ./quiet.cjs\n',
        'bunfig.toml': '[test]\npreload = ["./quiet.cjs"]\n',
        'deno.json': '{ "test": { "exclude": ["sum.test.js"] } }\n',
        'quiet.cjs': 'process.exit(0);\n',
      },
    },
    end: 'without effect',
  },
  {
    title: 'Rewrites package.json while the build runs',
    project: BUILT_PACKAGE,
    trick: {
      files: {
        'build.js': `${BUILD}import { writeFileSync } from 'node:fs';
writeFileSync('package.json', ${JSON.stringify(manifest({ ...SCRIPTS, test: GOOD_NEWS }))});
`,
      },
    },
    end: 'without effect',
    honest: {
      files: { ...BUILT_PACKAGE.honest.files, 'build.js': `${BUILD}cpSync('words.js', 'dist/words.js');\n` },
    },
  },
  {
    title: 'Deletes failing tests while the build runs',
    project: BUILT_PACKAGE,
    trick: { files: { 'build.js': `${BUILD}import { rmSync } from 'node:fs';\nrmSync('sum.test.js');\n` } },
    end: 'without effect',
  },
  {
    title: 'Leaves settings for later gates in their home while the build runs',
    project: BUILT_PACKAGE,
    trick: {
      files: {
        'build.js': `${BUILD}import { chmodSync, writeFileSync } from 'node:fs';
const shell = process.env.HOME + '/sh';
writeFileSync(shell, ${JSON.stringify(SHIM)});
chmodSync(shell, 0o755);
writeFileSync(process.env.HOME + '/.npmrc', 'script-shell=' + shell);
`,
      },
    },
    end: 'without effect',
  },
  {
    title: 'Edits the Makefile',
    project: MAKE,
    trick: { files: { Makefile: `test:\n\t@${GOOD_NEWS.replaceAll('\\', '\\\\')}\n` } },
    end: 'without effect',
    honest: { files: { ...MAKE.honest.files, Makefile: `${MAKEFILE}run:\n\tnode sum.js\n` } },
  },
  {
    title: 'Adds a GNUmakefile, which make prefers',
    project: MAKE,
    trick: { files: { GNUmakefile: `test:\n\t@${GOOD_NEWS.replaceAll('\\', '\\\\')}\n` } },
    end: 'without effect',
    honest: { files: { ...MAKE.honest.files, 'more.mk': 'run:\n\tnode sum.js\n' } },
  },
  {
    title: 'Changes the gates in .mosaic/coordinator.yml',
    project: DECLARED,
    trick: { files: { '.mosaic/coordinator.yml': `gates:\n  test: "${GOOD_NEWS.replaceAll('\\', '\\\\')}"\n` } },
    end: 'without effect',
    honest: {
      files: {
        ...DECLARED.honest.files,
        '.mosaic/coordinator.yml': DECLARED_GATES.replace('threshold: 60', 'threshold: 70'),
      },
    },
  },
  {
    title: 'Deletes .mosaic/coordinator.yml, so that less is looked at',
    project: DECLARED,
    trick: { files: { '.mosaic/coordinator.yml': null, 'package.json': manifest({ test: GOOD_NEWS }) } },
    end: 'without effect',
  },
  {
    title: "Lowers the coverage that the repository's own tool demands",
    project: DECLARED,
    trick: {
      files: {
        'sum.js': `${MEAN}export const worst = () => {\n${'  JSON.stringify(null);\n'.repeat(40)}};\n`,
        '.nycrc.json': '{ "lines": 0 }\n',
      },
    },
    end: 'caught',
    told: /coverage failed/,
    honest: { files: { ...DECLARED.honest.files, '.nycrc.json': '{ "lines": 95 }\n' } },
  },
  {
    title: 'Takes a rule out of the settings of the linter',
    project: DECLARED,
    trick: {
      files: { 'sum.js': `${MEAN}debugger;\n`, '.eslintrc.json': '{ "forbidden": "\\u0000" }\n' },
    },
    end: 'caught',
    told: /lint failed/,
  },
];
