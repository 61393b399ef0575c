import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareTests } from './compare-tests.js';
import { TestCollector } from './test-report.js';
import { TEST_OUTCOMES, type TestOutcome, type TestReport } from './test-report.types.js';

function report(tests: readonly (readonly [name: string, outcome: TestOutcome])[]): TestReport {
  const collector = new TestCollector();
  for (const [name, outcome] of tests) collector.add([name], outcome);
  return collector.report('a runner');
}

const reports = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...TEST_OUTCOMES)), { maxLength: 12 })
  .map(report);

describe('compareTests', () => {
  it('names what was removed, added, skipped and broken, and what was broken before', () => {
    const base = report([
      ['removed', 'passed'],
      ['skipped', 'passed'],
      ['broken', 'passed'],
      ['red', 'failed'],
      ['later', 'skipped'],
      ['each', 'passed'],
      ['each', 'passed'],
    ]);
    const head = report([
      ['skipped', 'skipped'],
      ['broken', 'failed'],
      ['red', 'failed'],
      ['later', 'skipped'],
      ['each', 'passed'],
      ['added', 'skipped'],
    ]);

    expect(compareTests(base, head)).toEqual({
      fewer: 3,
      moreSkipped: 2,
      byName: {
        removed: ['each', 'removed'],
        added: ['added'],
        newlySkipped: ['added', 'skipped'],
        newlyFailing: ['broken'],
        stillFailing: ['red'],
      },
    });
  });

  it('compares numbers alone where a report does not name every test', () => {
    const base = report([['a', 'passed']]);

    expect(compareTests(base, { ...base, run: 0, isComplete: false, skipped: null })).toEqual({
      fewer: 1,
      moreSkipped: null,
      byName: null,
    });
    expect(compareTests({ ...base, isComplete: false }, base)).toMatchObject({ moreSkipped: 0, byName: null });
  });

  it('finds nothing between a report and itself, in any order', () => {
    fc.assert(
      fc.property(reports, (base) => {
        const turned = { ...base, tests: [...base.tests].reverse() };
        const { fewer, moreSkipped, byName } = compareTests(base, turned);

        expect({ fewer, moreSkipped }).toEqual({ fewer: 0, moreSkipped: 0 });
        expect(byName).toMatchObject({ removed: [], added: [], newlySkipped: [], newlyFailing: [] });
        expect(byName?.stillFailing).toHaveLength(base.failed);
      }),
    );
  });

  it('lets no executed test vanish without a trace', () => {
    fc.assert(
      fc.property(reports, reports, (base, head) => {
        const { fewer, byName } = compareTests(base, head);
        const traces = (byName?.removed.length ?? 0) + (byName?.newlySkipped.length ?? 0);

        expect(traces).toBeGreaterThanOrEqual(fewer);
        expect((byName?.added.length ?? 0) - (byName?.removed.length ?? 0)).toBe(head.tests.length - base.tests.length);
        expect((byName?.newlyFailing.length ?? 0) + (byName?.stillFailing.length ?? 0)).toBe(head.failed);
        expect(compareTests(head, base).byName?.added).toEqual(byName?.removed);
      }),
    );
  });
});
