import { describe, expect, it } from '@jest/globals';
import { changedLinesProblem } from './changed-lines-problem.js';
import type { CoverageReading, FileCoverage } from './coverage.types.js';

const reading = (files: Readonly<Record<string, Omit<FileCoverage, 'path'>>> | null): CoverageReading => ({
  report: {
    percent: 50,
    format: 'lcov',
    lines: null,
    branches: null,
    files: files && new Map(Object.entries(files).map(([path, lines]) => [path, { path, ...lines }])),
  },
});
const diff = (path: string, start: number, count: number): string =>
  `+++ b/${path}\n@@ -0,0 +${start},${count} @@\n${'+x\n'.repeat(count)}`;

describe('changedLinesProblem', () => {
  it('names the changed lines that did not run', () => {
    const coverage = reading({ 'a.js': { covered: [1, 2], missed: [3, 4, 5, 7, 20] } });

    expect(changedLinesProblem(diff('a.js', 2, 6), coverage, 50)).toEqual({
      fault: 'change',
      summary: '20 % of the changed lines are covered, less than the 50 % that are required; not run: a.js:3-5,7',
    });
    expect(changedLinesProblem(diff('a.js', 2, 6), coverage, 20)).toBeNull();
  });

  it('names no more places than a person reads', () => {
    const missed = Array.from({ length: 20 }, (_, n) => 2 * n + 1);
    const names = Array.from({ length: 7 }, (_, n) => `f${n}.js`);
    const coverage = reading(Object.fromEntries(names.map((name) => [name, { covered: [], missed }])));

    const problem = changedLinesProblem(names.map((name) => diff(name, 1, 50)).join(''), coverage, 1);

    expect(problem?.summary).toMatch(/f0\.js:1,3,5,7,9,11,13,15,… f1\.js.* and 2 more files$/);
  });

  it('has nothing against a change without code, or where the report says nothing', () => {
    expect(changedLinesProblem('', reading({}), 80)).toBeNull();
    expect(changedLinesProblem(diff('a.md', 1, 1), reading({ 'a.js': { covered: [1], missed: [] } }), 80)).toBeNull();
    expect(changedLinesProblem('', { problem: 'x' }, 80)).toBeNull();
    expect(changedLinesProblem('', null, 80)).toBeNull();
  });

  it('fails where it cannot be known', () => {
    expect(changedLinesProblem('', reading(null), 80)).toMatchObject({ fault: 'definition' });
    expect(changedLinesProblem(null, reading({}), 80)).toMatchObject({ fault: 'change' });
  });
});
