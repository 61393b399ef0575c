import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testCountsFromOutput } from './test-counts.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');

describe('testCountsFromOutput, on what test runners really printed', () => {
  it.each([
    ['node-spec-green.txt', 2, 0, 'node:test'],
    ['node-spec-red.txt', 3, 2, 'node:test'],
    ['node-spec-skipped.txt', 0, 0, 'node:test'],
    ['node-spec-coverage.txt', 2, 0, 'node:test'],
    ['node-spec-file-without-tests.txt', 0, 0, 'node:test'],
    ['node-tap-green.txt', 2, 0, 'node:test'],
    ['node-tap-red.txt', 3, 2, 'node:test'],
    ['node-tap-skipped.txt', 0, 0, 'node:test'],
    ['node-tap-file-without-tests.txt', 0, 0, 'node:test'],
    ['node-empty.txt', 0, 0, 'node:test'],
    ['jest-green.txt', 2, 0, 'jest'],
    ['jest-red.txt', 2, 1, 'jest'],
    ['jest-color.txt', 2, 1, 'jest'],
    ['jest-none.txt', 0, 0, 'jest or vitest'],
    ['jest-none0.txt', 0, 0, 'jest or vitest'],
    ['vitest-green.txt', 2, 0, 'vitest'],
    ['vitest-red.txt', 2, 1, 'vitest'],
    ['vitest-none0.txt', 0, 0, 'jest or vitest'],
    ['mocha-green.txt', 2, 0, 'mocha'],
    ['mocha-red.txt', 2, 1, 'mocha'],
    ['c8.txt', 2, 0, 'mocha'],
    ['ava-green.txt', 2, 0, 'ava'],
    ['pytest-green.txt', 1, 0, 'pytest'],
    ['pytest-red.txt', 3, 2, 'pytest'],
    ['pytest-q-green.txt', 1, 0, 'pytest'],
    ['pytest-q-red.txt', 3, 2, 'pytest'],
    ['pytest-none.txt', 0, 0, 'pytest'],
    ['pytest-cov.txt', 3, 2, 'pytest'],
    ['unittest-green.txt', 2, 0, 'unittest'],
    ['unittest-red.txt', 2, 1, 'unittest'],
    ['unittest-none.txt', 0, 0, 'unittest'],
    ['go-v-green.txt', 3, 0, 'go test'],
    ['go-v-red.txt', 4, 1, 'go test'],
    ['go-json-green.txt', 3, 0, 'go test'],
    ['go-json-red.txt', 4, 1, 'go test'],
    ['cargo-green.txt', 2, 0, 'cargo test'],
    ['cargo-red.txt', 1, 1, 'cargo test'],
  ])('reads %s', async (name, run, failed, runner) => {
    const output = await recorded(name);

    expect(testCountsFromOutput(output, '')).toEqual({ run, failed, runner });
    expect(testCountsFromOutput('', output.replaceAll('\n', '\r\n'))).toEqual({ run, failed, runner });
  });

  it('counts what ava leaves unsaid as nothing', async () => {
    expect(testCountsFromOutput(await recorded('ava-red.txt'), '')).toEqual({ run: 1, failed: 1, runner: 'ava' });
  });

  it.each(['go-plain-green.txt', 'go-plain-red.txt', 'go-build-red.txt', 'oxlint-green.txt', 'tsc-red.txt'])(
    'finds no number of tests in %s',
    async (name) => {
      expect(testCountsFromOutput(await recorded(name), '')).toBeNull();
    },
  );

  it.each([
    ['go, of packages without tests', '?   \texample.com/a\t[no test files]\n', 0, 0],
    [
      'go, with nothing that matches',
      'testing: warning: no tests to run\nPASS\nok  \ta/b\t0.003s [no tests to run]\n',
      0,
      0,
    ],
    ['surefire, a module at a time', surefire([3, 1, 0, 1], [2, 0, 1, 0]), 4, 2],
    ['unittest, with errors', 'Ran 4 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)\n', 3, 2],
    ['tape, without a line of failures', '1..2\n# tests 2\n# pass  2\n\n# ok\n', 2, 0],
    ['pytest, with errors and a duration', '= 1 failed, 2 passed, 1 error in 65.1s (0:01:05) =\n', 4, 2],
    ['pytest, with expected failures', '==== 2 xfailed, 1 xpassed, 3 deselected, 1 warning in 0.10s ====\n', 3, 0],
    ['node:test, with cancelled tests', nodeSummary({ pass: 1, cancelled: 2 }), 3, 2],
  ])('reads %s', (_name, output, run, failed) => {
    expect(testCountsFromOutput(output, '')).toMatchObject({ run, failed });
  });
});

describe('testCountsFromOutput, on summaries that are not the last word', () => {
  it('takes the last summary of a stream, because a test can print one', () => {
    const spoof = nodeSummary({ pass: 999 });

    expect(testCountsFromOutput(`${spoof}\n${nodeSummary({ pass: 1, fail: 1 })}`, '')).toMatchObject({
      run: 2,
      failed: 1,
    });
    expect(testCountsFromOutput(`${spoof}\nNo tests found, exiting with code 0\n`, '')).toMatchObject({ run: 0 });
    expect(testCountsFromOutput(`Tests:       9 passed, 9 total\n${nodeSummary({})}`, '')).toMatchObject({ run: 0 });
  });

  it('takes of two streams the one that says less good', () => {
    const many = nodeSummary({ pass: 999 });
    const none = 'No tests found, exiting with code 0\n';
    const red = 'Tests:       2 failed, 1 passed, 3 total\n';

    expect(testCountsFromOutput(many, none)).toMatchObject({ run: 0 });
    expect(testCountsFromOutput(none, many)).toMatchObject({ run: 0 });
    expect(testCountsFromOutput(many, red)).toEqual({ run: 3, failed: 2, runner: 'jest' });
    expect(testCountsFromOutput(red, many)).toEqual({ run: 3, failed: 2, runner: 'jest' });
  });

  it('takes off files without tests from their own run alone', () => {
    const empty = `✔ /a/x.test.js (1.2ms)\n✔ src/y.mjs (3ms)\n${nodeSummary({ pass: 2 })}`;

    expect(testCountsFromOutput(`${empty}✔ adds (1ms)\n${nodeSummary({ pass: 1 })}`, '')).toMatchObject({ run: 1 });
    expect(testCountsFromOutput(`✔ adds (1ms)\n${nodeSummary({ pass: 1 })}${empty}`, '')).toMatchObject({ run: 0 });
  });

  it('takes no part of a line for a summary', () => {
    expect(testCountsFromOutput('I saw Tests:       9 passed, 9 total\n  log: 9 passing (1ms)\n', '')).toBeNull();
    expect(testCountsFromOutput('we counted ℹ tests 3\nℹ pass 3\n', '')).toBeNull();
    expect(testCountsFromOutput('', '')).toBeNull();
  });

  it('ends a test run of go only by the line of a package', () => {
    expect(testCountsFromOutput('=== RUN   TestA\n--- PASS: TestA (0.00s)\n', '')).toBeNull();
    expect(testCountsFromOutput('{"Time":"x","Action":"pass","Package":"a","Test":"TestA"}\n', '')).toBeNull();
    expect(
      testCountsFromOutput('{"Time":"x","Action":"pass"}\n{"Time":"x","Action":"start","Package":"a"}\n', ''),
    ).toBeNull();
  });
});

describe('the readers of test counts', () => {
  const pieces = fc.constantFrom(
    'ℹ tests 3\n',
    '# pass 1\n',
    'Tests: 1 passed, 1 total\n',
    '  ─\n\n  1 test failed\n',
    'test result: ok. 1 passed; 0 failed; \n',
    '=== RUN   x\n',
    'ok  \ta\n',
    '<testcase',
    '<![CDATA[',
    '{"Time":',
    '{"numPassedTests":',
    '\u001B[1m',
    '\u001B]8;;',
    '\r',
  );

  it('never throw, and never count more failed than executed tests', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }))), (parts) => {
        const text = parts.join('');
        const counts = [testCountsFromOutput(text, ''), testCountsFromOutput('', text)];

        expect(counts.every((count) => count === null || (count.failed <= count.run && count.run >= 0))).toBe(true);
      }),
    );
  });

  it.each([
    ['brackets', '<'.repeat(200_000)],
    ['a tag of attributes', `<testsuite ${'a '.repeat(500_000)}>`],
    ['an endless line', '='.repeat(500_000)],
    ['spaces', ' '.repeat(500_000)],
    ['many escapes', '\u001B['.repeat(200_000)],
    ['many counts', '  1 tests passed'.repeat(50_000)],
  ])('read %s in a time that grows with the length alone', (_name, text) => {
    const startedAt = performance.now();

    testCountsFromOutput(text, text);

    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

function nodeSummary(counts: { readonly pass?: number; readonly fail?: number; readonly cancelled?: number }): string {
  const { pass = 0, fail = 0, cancelled = 0 } = counts;
  const lines = [
    `tests ${pass + fail + cancelled}`,
    'suites 0',
    `pass ${pass}`,
    `fail ${fail}`,
    `cancelled ${cancelled}`,
  ];
  return lines.map((line) => `ℹ ${line}\n`).join('');
}

/** Maven is not at hand where these tests were written; the form is that of surefire's DefaultReporterFactory. */
function surefire(
  ...modules: readonly (readonly [run: number, failures: number, errors: number, skipped: number])[]
): string {
  return modules
    .map(
      ([run, failures, errors, skipped]) =>
        `[INFO] Tests run: ${run}, Failures: ${failures}, Errors: ${errors}, Skipped: ${skipped}, Time elapsed: 0.01 s -- in a.B\n` +
        `[INFO] Results:\n[INFO] \n[ERROR] Tests run: ${run}, Failures: ${failures}, Errors: ${errors}, Skipped: ${skipped}\n`,
    )
    .join('');
}
