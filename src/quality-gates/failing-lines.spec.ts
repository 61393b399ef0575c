import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failingLines, findingLines } from './failing-lines.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');

describe('failingLines', () => {
  it.each([
    ['node-spec-red.txt', ['✖ divides by zero', '✖ fails with an error', 'TypeError [Error]: x is not a function']],
    ['node-tap-red.txt', ['not ok 2 - divides by zero', 'expected: 2', 'actual: 1']],
    ['jest-red.txt', ['FAIL ./red.js', '✕ adds', '● adds', 'Expected: 4', 'Received: 3']],
    ['vitest-red.txt', ['× adds', 'AssertionError: expected 3 to be 4']],
    ['mocha-red.txt', ['1) adds', 'AssertionError [ERR_ASSERTION]: 3 == 4']],
    ['ava-red.txt', ['✘ [fail]: adds']],
    [
      'pytest-red.txt',
      ['FAILED test_red.py::test_half - assert 2.0 == 3', 'E   assert 2.0 == 3', 'test_red.py:2: AssertionError'],
    ],
    ['unittest-red.txt', ['FAIL: test_c (t.T.test_c)', 'AssertionError: 1 != 2']],
    ['go-v-red.txt', ['--- FAIL: TestHalf (0.00s)', 'calc_test.go:18: Half(4) = 2, want 3']],
    ['go-build-red.txt', ['./calc.go:3:30: undefined: b']],
    ['cargo-red.txt', ['test tests::adds ... FAILED', 'left: 3', 'right: 4']],
    ['tsc-red.txt', ["a.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'."]],
    ['oxlint-red.txt', ['x eslint(no-debugger): `debugger` statement is not allowed']],
  ])('names what failed in %s', async (name, expected) => {
    const lines = failingLines(await recorded(name)).map((line) => line.trim());

    expect(expected.filter((line) => !lines.some((found) => found.startsWith(line)))).toEqual([]);
  });

  it('names each test once and leaves out call stacks and counts', async () => {
    const lines = failingLines(await recorded('node-spec-red.txt'));

    expect(lines.filter((line) => line.includes('divides by zero'))).toHaveLength(1);
    expect(lines.filter((line) => /node:internal|^ℹ|failing tests/.test(line))).toEqual([]);
  });

  it('gives the last lines of an output in which it recognises nothing', () => {
    const output = Array.from({ length: 50 }, (_, n) => `line ${n}`).join('\n');

    expect(failingLines(output)).toEqual(output.split('\n').slice(-15));
    expect(failingLines(output, 2)).toEqual(['line 48', 'line 49']);
    expect(failingLines(' \n\n')).toEqual([]);
  });

  it('caps lines and their length, and says how many are left out', () => {
    const output = Array.from({ length: 9 }, (_, n) => `error: ${n} ${'x'.repeat(50)}`).join('\n');

    const lines = failingLines(output, 3, 20);

    expect(lines).toEqual([
      'error: 0 xxxxxxxxxx…',
      'error: 1 xxxxxxxxxx…',
      'error: 2 xxxxxxxxxx…',
      '… and 6 more such lines',
    ]);
  });

  it('takes any text, in a time that grows with its length alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(failingLines(text).every((line) => line.length <= 240)).toBe(true);
      }),
    );
    const startedAt = performance.now();
    for (const text of [' '.repeat(500_000), 'a.b:'.repeat(200_000), 'Error'.repeat(100_000), 'at ('.repeat(100_000)])
      failingLines(text);

    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('findingLines', () => {
  it('are the lines that name a failure, as often as they are there, else all', () => {
    expect(findingLines('fine\n\u001B[1ma.js:1:2: bad\u001B[0m\nb.js:1:2: bad\nb.js:1:2: bad\n')).toEqual([
      'a.js:1:2: bad',
      'b.js:1:2: bad',
      'b.js:1:2: bad',
    ]);
    expect(findingLines('[warn] a.js\n\n  [warn] b.js\n')).toEqual(['[warn] a.js', '[warn] b.js']);
  });

  it('are not told where there are too many', () => {
    expect(findingLines('x\n'.repeat(20_001))).toBeNull();
  });
});
