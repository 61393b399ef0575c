import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BaseMeasurement, BaseMeasurementStore } from '../../src/quality-gates/index.js';

export function makeMeasurement(measuredAt = 1): BaseMeasurement {
  const tests = [
    { name: 'adds › “two”', outcome: 'passed', message: '' },
    { name: 'halves', outcome: 'skipped', message: '' },
  ] as const;
  const exited = { ending: 'exited', exitCode: 0 } as const;
  return {
    gates: [
      { gate: 'lint', passed: false, ...exited, exitCode: 1, tests: null, coverage: null, findings: ['a.js:1:1: bad'] },
      {
        gate: 'test',
        passed: true,
        ...exited,
        tests: { run: 1, failed: 0, skipped: 1, runner: 'tap', tests, isComplete: true },
        coverage: { percent: 81.25, format: 'lcov' },
        findings: null,
      },
    ],
    measuredAt,
  };
}

/**
 * What every BaseMeasurementStore must do. Call it once for each implementation.
 *
 * @param makeStore makes a store that keeps two measurements
 */
export function describeBaseMeasurementStore(name: string, makeStore: () => Promise<BaseMeasurementStore>): void {
  describe(`${name}, as a BaseMeasurementStore`, () => {
    let store: BaseMeasurementStore;

    beforeEach(async () => {
      store = await makeStore();
    });

    it('knows nothing at first', async () => {
      expect(await store.get('key')).toBeUndefined();
    });

    it('gives back what was put under a key, whole, and only that', async () => {
      await store.put('key', makeMeasurement());
      await store.put('other', { gates: [], measuredAt: 2 });

      expect(await store.get('key')).toEqual(makeMeasurement());
    });

    it('keeps the last of two values, and takes the same one twice', async () => {
      await store.put('key', { gates: [], measuredAt: 2 });
      await Promise.all([store.put('key', makeMeasurement(3)), store.put('key', makeMeasurement(3))]);

      expect(await store.get('key')).toEqual(makeMeasurement(3));
    });

    it('forgets what was put longest ago', async () => {
      await store.put('first', makeMeasurement(1));
      await store.put('second', makeMeasurement(2));
      await store.put('first', makeMeasurement(3));
      await store.put('third', makeMeasurement(4));

      expect(await store.get('second')).toBeUndefined();
      expect([(await store.get('first'))?.measuredAt, (await store.get('third'))?.measuredAt]).toEqual([3, 4]);
    });
  });
}
