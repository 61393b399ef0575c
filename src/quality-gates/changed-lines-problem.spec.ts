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

  it('counts code in a file that no test loads as not covered', () => {
    const coverage = reading({ 'src/a.ts': { covered: [1, 2], missed: [] } });
    const added = (path: string, ...lines: readonly string[]): string =>
      `+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
    const code = ['// for all', 'export const a = 1;', '', 'export function b() {', '  return a;', '}'];

    expect(changedLinesProblem(added('lib/b.tsx', ...code), coverage, 80)).toEqual({
      fault: 'change',
      summary: '0 % of the changed lines are covered, less than the 80 % that are required; not run: lib/b.tsx:2,4-5',
    });
    expect(
      changedLinesProblem(diff('src/a.ts', 1, 2) + added('lib/b.ts', 'if (a) b();'), coverage, 80)?.summary,
    ).toMatch(/^66\.66 % .* not run: lib\/b\.ts:1$/);
    for (const path of ['src/b.py', 'src/b.d.ts', 'src/b.test.ts', 'jest.config.ts', 'README']) {
      expect(changedLinesProblem(added(path, ...code), coverage, 80)).toBeNull();
    }
    const types = [
      'export type A = (of: string) => B;',
      'export interface B {',
      '  readonly a: A;',
      '  c(): void;',
      '}',
    ];
    expect(changedLinesProblem(added('src/b.types.ts', ...types), coverage, 80)).toBeNull();
  });

  it('fails where it cannot be known', () => {
    expect(changedLinesProblem('', reading(null), 80)).toMatchObject({ fault: 'definition' });
    expect(changedLinesProblem(null, reading({}), 80)).toMatchObject({ fault: 'change' });
  });
});
