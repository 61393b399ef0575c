import { describe, expect, it } from '@jest/globals';
import { failedResult } from './gate-result.js';
import type { GateFault, GateKind, GateResult } from './quality-gates.types.js';
import { verdictOf } from './verdict.js';

const COMMIT = 'c'.repeat(40);
const red = (kind: GateKind, fault: GateFault): GateResult =>
  failedResult({ name: kind, argv: ['x'], origin: '', isRequired: true }, fault, `no ${kind}`, '');
const green = (kind: GateKind): GateResult => ({ ...red(kind, 'change'), passed: true, fault: null });

describe('verdictOf', () => {
  it.each<[readonly GateResult[], GateFault | null, string]>([
    [[green('test')], null, 'test passed'],
    [[green('build'), green('lint'), green('test')], null, 'build, lint and test passed'],
    [[green('build'), red('test', 'change')], 'change', 'test failed: no test'],
    [[red('lint', 'definition'), red('test', 'change')], 'change', 'lint and test failed; lint: no lint'],
    [[red('lint', 'coordinator'), red('test', 'definition')], 'definition', 'lint and test failed; lint: no lint'],
    [[red('test', 'coordinator')], 'coordinator', 'test failed: no test'],
    [[], 'coordinator', 'No gate was run'],
  ])('sums up %j', (results, fault, summary) => {
    expect(verdictOf(COMMIT, results, 7)).toEqual({
      commit: COMMIT,
      passed: fault === null,
      fault,
      summary,
      results,
      decidedAt: 7,
    });
  });

  it('says which gates are as red as before', () => {
    const old = (kind: GateKind): GateResult => ({ ...green(kind), isRedOnBase: true });

    expect(verdictOf(COMMIT, [old('lint'), green('test')], 7)).toMatchObject({
      passed: true,
      summary: 'test passed; lint is as red as before this change',
    });
    expect(verdictOf(COMMIT, [old('lint'), old('test')], 7).summary).toBe(
      'lint and test are as red as before this change',
    );
  });

  it('adds a remark', () => {
    expect(verdictOf(COMMIT, [green('test')], 7, 'But look').summary).toBe('test passed. But look');
  });

  it('decides by required gates alone, tells of the others, and passes nothing by advice', () => {
    const advisory = (result: GateResult): GateResult => ({ ...result, isAdvisory: true });
    const advice = { ...advisory(red('lint', 'change')), gate: 'security-scan' };

    expect(verdictOf(COMMIT, [green('test'), advice], 0)).toMatchObject({
      passed: true,
      fault: null,
      summary: 'test passed; security-scan failed and only advises',
    });
    expect(verdictOf(COMMIT, [red('test', 'definition'), advice], 0)).toMatchObject({
      passed: false,
      fault: 'definition',
      summary: 'test failed: no test; security-scan failed and only advises',
    });
    expect(verdictOf(COMMIT, [advisory(green('test'))], 0)).toMatchObject({ passed: false });
  });
});
