import { describe, expect, it } from '@jest/globals';
import { failureLines } from './failure-lines.js';
import { failedResult } from './gate-result.js';
import { MAX_FAILURES, listedFailures } from './listed-failures.js';
import type { GateResult, TestFailure } from './quality-gates.types.js';
import { TestCollector } from './test-report.js';

const base = failedResult({ name: 'test', argv: ['x'], origin: '', isRequired: true }, 'change', '', 'error: a\nfine');
const failing = (failures: readonly TestFailure[], testsFailed = failures.length): GateResult => ({
  ...base,
  failures,
  testsFailed,
});
const many = (count: number, message: string): readonly TestFailure[] =>
  Array.from({ length: count }, (_, n) => ({ name: `test ${n}`, message }));

describe('failureLines', () => {
  it('names the lines that are new since the base commit, where they are known', () => {
    const result: GateResult = { ...base, newLines: ['a.js:1:1: bad', 'b.js:1:1: worse', 'c'] };

    expect(failureLines(result, 2, 10)).toEqual(['a.js:1:1:…', 'b.js:1:1:…']);
  });

  it('names the failing tests with the first lines of what they told', () => {
    const long = Array.from({ length: 9 }, (_, n) => `  line ${n}`).join('\n');

    expect(
      failureLines(
        failing([
          { name: 'a › b', message: long },
          { name: 'c', message: '' },
        ]),
      ),
    ).toEqual(['✖ a › b', ...[0, 1, 2, 3, 4, 5].map((n) => `    line ${n}`), '✖ c']);
  });

  it('tells each of many tests in two lines, and how many it leaves out', () => {
    const lines = failureLines(failing(many(30, 'one\ntwo'), 70), 10, 9);

    expect(lines).toEqual([
      '✖ test 0',
      '    one',
      '✖ test 1',
      '    one',
      '✖ test 2',
      '    one',
      '✖ test 3',
      '    one',
      '… and 66 more failing tests',
    ]);
    expect(failureLines(failing(many(3, 'a\nb\nc\nd')), 3)).toEqual([
      '✖ test 0',
      '    a',
      '… and 2 more failing tests',
    ]);
    expect(failureLines(failing([{ name: 'x'.repeat(50), message: '' }]), 3, 9)[0]).toHaveLength(9);
  });

  it('gives the lines of the output where no test is named', () => {
    expect(failureLines(base)).toEqual(['error: a']);
    expect(failureLines(failing([]))).toEqual(['error: a']);
  });
});

describe('listedFailures', () => {
  const listed = (...tests: readonly (readonly [name: string, message: string])[]): readonly string[] => {
    const collector = new TestCollector();
    collector.add(['passes'], 'passed');
    for (const [name, message] of tests) collector.add([name], 'failed', message);
    return listedFailures(collector.report('')).map(({ name, message }) => `${name}: ${message}`);
  };

  it('names each failing test once, with what any of its runs told, those that tell why first', () => {
    expect(listed(['a', ''], ['b', ''], ['a', 'why'], ['a', 'other'])).toEqual(['a: why', 'b: ']);
  });

  it('leaves out a test that failed because of its parts', () => {
    expect(listed(['p › T', ''], ['p › T/six', 'why'])).toEqual(['p › T/six: why']);
    expect(listed(['p › T', 'teardown'], ['p › T/six', 'why'])).toHaveLength(2);
    expect(listed(['m', ''], ['m::t', 'why'], ['m2', ''])).toEqual(['m::t: why', 'm2: ']);
  });

  it('names so many at most', () => {
    expect(listed(...many(MAX_FAILURES + 1, 'a').map(({ name, message }) => [name, message] as const))).toHaveLength(
      MAX_FAILURES,
    );
  });
});
