import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changedLineCoverage } from './changed-line-coverage.js';
import { compareCoverage } from './compare-coverage.js';
import type { CoverageReport } from './coverage.types.js';

const report = (percent: number, format = 'lcov'): CoverageReport => ({
  percent,
  format,
  lines: null,
  branches: null,
  files: null,
});
const files = (...entries: readonly (readonly [path: string, covered: number[], missed: number[]])[]) => ({
  files: new Map(entries.map(([path, covered, missed]) => [path, { path, covered, missed }])),
});
const hunk = (path: string, start: number, count = 1) => ({ path, start, count });

describe('compareCoverage', () => {
  it.each([
    [80, 79, { maxFall: 1, threshold: 79 }, false, false],
    [80, 78.99, { maxFall: 1, threshold: 79 }, true, true],
    [1.1, 1, { maxFall: 0.1, threshold: null }, false, false],
    [80, 90, { maxFall: 0, threshold: null }, false, false],
    [0.3, 0.1 + 0.2, { maxFall: 0, threshold: 0.3 }, false, false],
  ])('of %d and then %d, with %j', (base, head, demands, fellTooFar, isBelowThreshold) => {
    expect(compareCoverage(report(base), report(head), demands)).toEqual({
      fall: base - head,
      isComparable: true,
      fellTooFar,
      isBelowThreshold,
    });
  });

  it('says when the two were measured in different ways', () => {
    const demands = { maxFall: 0, threshold: null };

    expect(compareCoverage(report(80, 'lcov'), report(80, 'Go profile'), demands).isComparable).toBe(false);
  });

  it('never forgives more when more is demanded', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(percent, percent, percent, percent, (base, head, one, other) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        const strict = compareCoverage(report(base), report(head), { maxFall: small, threshold: large });
        const mild = compareCoverage(report(base), report(head), { maxFall: large, threshold: small });

        expect(!mild.fellTooFar || strict.fellTooFar).toBe(true);
        expect(!mild.isBelowThreshold || strict.isBelowThreshold).toBe(true);
        expect(compareCoverage(report(base), report(base), { maxFall: 0, threshold: null }).fellTooFar).toBe(false);
      }),
    );
  });
});

describe('changedLineCoverage', () => {
  it('counts changed lines that hold code, and names those that did not run', () => {
    const hunks = [hunk('a.js', 5, 3), hunk('a.js', 1, 2), hunk('b.js', 1), hunk('README.md', 1)];

    expect(changedLineCoverage(hunks, files(['a.js', [1, 3, 6], [2, 7, 8]], ['b.js', [2], []]))).toEqual({
      lines: { covered: 2, total: 4 },
      missed: new Map([['a.js', [2, 7]]]),
      unmeasured: ['README.md'],
    });
  });

  it('knows nothing of a report without lines, and counts nothing of a change without code', () => {
    expect(changedLineCoverage([hunk('a', 1)], { files: null })).toBeNull();
    expect(changedLineCoverage([], files(['a', [1], []]))).toEqual({ lines: null, missed: new Map(), unmeasured: [] });
  });

  it.each([
    ['src/main/java/a/Calc.java', 'a/Calc.java', true],
    ['calc/calc.go', 'example.com/m/calc/calc.go', true],
    ['a/calc.cs', 'C:\\work\\a\\calc.cs', true],
    ['calc.js', './calc.js', true],
    ['ab/calc.js', 'b/calc.js', false],
    ['calc.js', 'xcalc.js', false],
  ])('takes %s for %s: %s', (changed, reported, isSame) => {
    expect(changedLineCoverage([hunk(changed, 1)], files([reported, [1], []]))?.unmeasured).toEqual(
      isSame ? [] : [changed],
    );
  });

  it('takes the same path before one that ends like it, and neither of two that do', () => {
    const both = files(['x/a.js', [1], []], ['y/a.js', [1], []]);

    expect(changedLineCoverage([hunk('a.js', 1)], both)?.unmeasured).toEqual(['a.js']);
    expect(changedLineCoverage([hunk('y/a.js', 1)], both)?.unmeasured).toEqual([]);
  });

  it('counts each line once, as a search through all hunks would', () => {
    const line = fc.integer({ min: 1, max: 40 });
    const spans = fc.array(fc.tuple(line, fc.integer({ min: 1, max: 6 })), { maxLength: 8 });
    fc.assert(
      fc.property(spans, fc.uniqueArray(line), fc.uniqueArray(line), (given, ran, others) => {
        const covered = [...ran].sort((a, b) => a - b);
        const missed = others.filter((one) => !ran.includes(one)).sort((a, b) => a - b);
        const isChanged = (one: number) => given.some(([start, count]) => one >= start && one < start + count);

        const found = changedLineCoverage(
          given.map(([start, count]) => hunk('a', start, count)),
          files(['a', covered, missed]),
        );

        expect(found?.lines?.covered ?? 0).toBe(covered.filter(isChanged).length);
        expect(found?.missed.get('a') ?? []).toEqual(missed.filter(isChanged));
      }),
    );
  });
});
