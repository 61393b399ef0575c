import { describe, expect, it } from '@jest/globals';
import { failedResult } from './gate-result.js';
import type { GateResult } from './quality-gates.types.js';
import { sinceLastRound } from './since-last-round.js';

const COMMIT = 'a'.repeat(40);
const gate = (name: string, failures: readonly string[] = [], rest: Partial<GateResult> = {}): GateResult => ({
  ...failedResult({ name, argv: ['x'], origin: '', isRequired: true }, 'change', '', ''),
  ...(failures.length > 0 ? { failures: failures.map((test) => ({ name: test, message: '' })) } : {}),
  ...rest,
});
const since = (before: readonly GateResult[], now: readonly GateResult[]): string | null =>
  sinceLastRound({ commit: COMMIT, passed: false, results: before }, { results: now });

describe('sinceLastRound', () => {
  it('tells what was mended, what is new and what stayed', () => {
    expect(since([gate('build'), gate('test', ['a', 'b'])], [gate('test', ['b', 'c'])])).toBe(
      'Since the last round (commit aaaaaaaaaaaa) mended: "build", "test: a"; newly failing: "test: c"; failing as before: 1.',
    );
    expect(since([gate('test', ['a'])], [gate('lint')])).toMatch(/mended: "test: a"; newly failing: "lint"\.$/);
  });

  it('says that nothing was mended', () => {
    expect(since([gate('test', ['a'])], [gate('test', ['a'])])).toMatch(/\) nothing that failed was mended\.$/);
  });

  it('names few of many, and claims nothing of tests that are not all named', () => {
    const many = Array.from({ length: 7 }, (_, n) => `t${n}`);
    const uncounted = Array.from({ length: 50 }, (_, n) => `t${n}`);

    expect(since([gate('test', many)], [gate('build')])).toMatch(/"test: t4" and 2 more; newly failing: "build"\.$/);
    expect(since([gate('test', uncounted)], [gate('test', ['t0', 'x'])])).toMatch(/nothing that failed was mended/);
    expect(since([gate('build'), gate('test', ['x'])], [gate('test', uncounted)])).toMatch(/\) mended: "build"\.$/);
  });

  it('is about what decides, and about a verdict that failed', () => {
    expect(since([gate('scan', [], { isAdvisory: true }), gate('test')], [gate('test')])).toMatch(/nothing/);
    expect(sinceLastRound(null, { results: [] })).toBeNull();
    expect(sinceLastRound({ commit: COMMIT, passed: true, results: [] }, { results: [gate('test')] })).toBeNull();
  });
});
