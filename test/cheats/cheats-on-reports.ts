import type { Cheat } from './cheat.js';
import { GOOD_NEWS } from './cheats-on-commands.js';
import { DECLARED, PLAIN, TESTS } from './projects.js';

const SUM_TESTS = TESTS['sum.test.js'];
/** A report of four tests that passed, as somebody wishes it. */
const WISHED = `<?xml version="1.0"?>
<testsuites>
${['sums nothing', 'sums several', 'sums what is negative', 'finds words']
  .map((name) => `  <testcase name="${name}" time="0.1" classname="test"/>`)
  .join('\n')}
</testsuites>
`;
const WISHED_COVERAGE = 'SF:sum.js\nDA:1,1\nDA:2,1\nLF:2\nLH:2\nend_of_record\n';
const entities = Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
const BOMB = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY e0 "lol">${entities}]><testsuites><testcase name="&e12;"/></testsuites>`;

/** A test file that does something to the report and is never told of: the test that follows does not happen. */
const silently = (act: string): string =>
  `import fs from 'node:fs';\nimport { execSync } from 'node:child_process';\n${act}\nprocess.exit(0);\n`;

/** Tricks with what the gates' programs print and write. */
export const CHEATS_ON_REPORTS: readonly Cheat[] = [
  {
    title: 'Commits a made-up test report',
    project: DECLARED,
    trick: { files: { 'report.xml': WISHED } },
    end: 'without effect',
  },
  {
    title: 'Commits a made-up coverage report',
    project: DECLARED,
    trick: { files: { 'lcov.info': WISHED_COVERAGE } },
    end: 'without effect',
  },
  {
    title: 'Commits a test report that is a link to a made-up one',
    project: DECLARED,
    trick: { files: { 'wished.xml': WISHED }, script: 'ln -s wished.xml report.xml' },
    end: 'without effect',
  },
  {
    title: 'Writes a made-up report while the tests run',
    project: DECLARED,
    trick: {
      files: {
        'sum.test.js': `import { rmSync, writeFileSync } from 'node:fs';
rmSync('report.xml', { force: true });
writeFileSync('report.xml', ${JSON.stringify(WISHED)});
${SUM_TESTS}`,
      },
    },
    end: 'caught',
    told: /test: Exit code 1, although 4 tests passed/,
  },
  {
    title: 'Puts a link in the place of the report while the tests run',
    project: DECLARED,
    trick: {
      files: {
        'wished.xml': WISHED,
        'sum.test.js': silently(
          "fs.rmSync('report.xml', { force: true }); fs.symlinkSync('wished.xml', 'report.xml');",
        ),
      },
    },
    end: 'caught',
    told: /report\.xml is a symbolic link/,
  },
  {
    title: 'Links the report to a device, or to a file outside',
    project: DECLARED,
    trick: {
      files: {
        'sum.test.js': silently(
          "fs.rmSync('report.xml', { force: true }); fs.symlinkSync('/dev/stdin', 'report.xml');",
        ),
      },
    },
    end: 'caught',
    told: /report\.xml is a symbolic link/,
  },
  {
    title: 'Makes the report a pipe that never ends',
    project: DECLARED,
    trick: {
      files: {
        'sum.test.js': silently("fs.rmSync('report.xml', { force: true }); execSync('mkfifo report.xml');"),
      },
    },
    end: 'caught',
    told: /report\.xml (?:is not a plain file|cannot be read)/,
  },
  {
    title: 'Writes a report of a gigabyte',
    project: DECLARED,
    trick: {
      files: {
        'sum.test.js': silently(
          "fs.rmSync('report.xml', { force: true }); fs.writeFileSync('report.xml', ''); fs.truncateSync('report.xml', 2 ** 30);",
        ),
      },
    },
    end: 'caught',
    told: /report\.xml has 1073741824 bytes, more than/,
  },
  {
    title: 'Writes a report whose entities expand without end',
    project: DECLARED,
    trick: {
      files: {
        'sum.test.js': silently(
          `fs.rmSync('report.xml', { force: true }); fs.writeFileSync('report.xml', ${JSON.stringify(BOMB)});`,
        ),
      },
    },
    end: 'caught',
    told: /test failed|test and coverage failed/,
  },
  {
    title: 'Prints the summary of tests that passed',
    project: PLAIN,
    trick: { script: `sed -i '1i console.log("# tests 4\\\\n# pass 4\\\\n# fail 0");' sum.js` },
    end: 'without effect',
  },
  {
    title: 'Has a process print good news when the tests have ended',
    project: PLAIN,
    trick: {
      files: {
        'sum.test.js': `import { spawn } from 'node:child_process';
spawn('sh', ['-c', ${JSON.stringify(`sleep 3; ${GOOD_NEWS}`)}], { detached: true, stdio: 'inherit' }).unref();
${SUM_TESTS}`,
      },
    },
    end: 'caught',
    told: /test failed: /,
  },
  {
    title: 'Prints so much that the summary is lost',
    project: PLAIN,
    trick: {
      files: {
        'sum.test.js': `${SUM_TESTS}test('prints', () => { for (let n = 0; n < 3000; n += 1) console.log('x'.repeat(1000)); });\n`,
      },
    },
    end: 'caught',
    told: /test failed: 2 of 5 tests failed/,
  },
  {
    title: 'Leaves a server running that holds a port',
    project: PLAIN,
    trick: {
      files: {
        ...PLAIN.honest.files,
        'mean.test.js': `import { spawn } from 'node:child_process';
import { test } from 'node:test';
test('serves', () => {
  const server = "require('net').createServer().listen(0, '127.0.0.1')";
  spawn(process.execPath, ['-e', server], { detached: true, stdio: 'ignore' }).unref();
});
`,
      },
    },
    end: 'caught',
    told: /left (?:a process|\d+ processes) running in the background/,
  },
];
