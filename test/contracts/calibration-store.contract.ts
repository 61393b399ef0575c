import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CalibrationSample, CalibrationStore } from '../../src/calibration/index.js';

export function makeSample(given: Partial<CalibrationSample> = {}): CalibrationSample {
  return {
    jobId: 'acme/app#1',
    profile: 'glm',
    difficulty: 'medium',
    estimatedTokens: 40_000,
    peakTokens: 60_000,
    ...given,
  };
}

/** What every CalibrationStore must do. Call it once for each implementation. */
export function describeCalibrationStore(name: string, makeStore: () => Promise<CalibrationStore>): void {
  describe(`${name}, as a CalibrationStore`, () => {
    const GROUP = { profile: 'glm', difficulty: 'medium' } as const;
    let store: CalibrationStore;

    beforeEach(async () => {
      store = await makeStore();
    });

    const putAll = async (...samples: Partial<CalibrationSample>[]): Promise<void> => {
      for (const sample of samples) await store.put(makeSample(sample));
    };

    it('knows nothing at first', async () => {
      expect(await store.newest(GROUP, 5)).toEqual([]);
      expect(await store.groups()).toEqual([]);
    });

    it('gives back what was put, newest first and no more than asked for', async () => {
      await putAll({ jobId: 'a/a#1' }, { jobId: 'a/a#2', peakTokens: 1 }, { jobId: 'a/a#3' });

      expect(await store.newest(GROUP, 2)).toEqual([
        makeSample({ jobId: 'a/a#3' }),
        makeSample({ jobId: 'a/a#2', peakTokens: 1 }),
      ]);
    });

    it('keeps groups apart', async () => {
      await putAll({ jobId: 'a/a#1', profile: 'opus' }, { jobId: 'a/a#2', difficulty: 'hard' }, { jobId: 'a/a#3' });

      expect(await store.newest(GROUP, 5)).toEqual([makeSample({ jobId: 'a/a#3' })]);
    });

    it('keeps one sample a job, the last, as the newest', async () => {
      await putAll({ jobId: 'a/a#1' }, { jobId: 'a/a#2' }, { jobId: 'a/a#1', peakTokens: 7 });

      expect((await store.newest(GROUP, 5)).map(({ jobId, peakTokens }) => [jobId, peakTokens])).toEqual([
        ['a/a#1', 7],
        ['a/a#2', 60_000],
      ]);
    });

    it('moves the sample of a job to another group', async () => {
      await putAll({ jobId: 'a/a#1' }, { jobId: 'a/a#1', profile: 'opus' });

      expect(await store.newest(GROUP, 5)).toEqual([]);
      expect(await store.groups()).toEqual([{ profile: 'opus', difficulty: 'medium' }]);
    });

    it('takes the same sample twice at once', async () => {
      await Promise.all([store.put(makeSample()), store.put(makeSample())]);

      expect(await store.newest(GROUP, 5)).toEqual([makeSample()]);
    });

    it('names each group once, by profile and then from easy to hard', async () => {
      await putAll(
        { jobId: 'a/a#1', profile: 'opus', difficulty: 'hard' },
        { jobId: 'a/a#2', profile: 'opus', difficulty: 'easy' },
        { jobId: 'a/a#3', profile: 'opus', difficulty: 'medium' },
        { jobId: 'a/a#4', profile: 'opus', difficulty: 'hard' },
        { jobId: 'a/a#5', profile: 'glm', difficulty: 'medium' },
        { jobId: 'a/a#6', profile: 'sonnet', difficulty: 'medium' },
      );

      expect((await store.groups()).map(({ profile, difficulty }) => `${profile} ${difficulty}`)).toEqual([
        'glm medium',
        'opus easy',
        'opus medium',
        'opus hard',
        'sonnet medium',
      ]);
    });

    it('gives a picture that does not change with it', async () => {
      await putAll({ jobId: 'a/a#1' });
      const seen = await store.newest(GROUP, 5);

      await putAll({ jobId: 'a/a#1', peakTokens: 1 });

      expect(seen).toEqual([makeSample({ jobId: 'a/a#1' })]);
    });
  });
}
