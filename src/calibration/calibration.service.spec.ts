import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { makeSample } from '../../test/contracts/calibration-store.contract.js';
import { CalibrationModule, CalibrationService, type CalibrationModuleOptions } from './index.js';

/** Calibration that knows so many finished jobs, each of which took 1.6 times its estimate. */
async function startCalibration(jobs: number, options: CalibrationModuleOptions = {}) {
  const moduleRef = await Test.createTestingModule({ imports: [CalibrationModule.forRoot(options)] }).compile();
  const calibration = moduleRef.get(CalibrationService);
  for (let number = 1; number <= jobs; number += 1) {
    await calibration.record(makeSample({ jobId: `a/a#${number}`, estimatedTokens: 10_000, peakTokens: 16_000 }));
  }
  return calibration;
}

describe('CalibrationService', () => {
  it('corrects an estimate after what finished jobs took, and says why', async () => {
    const calibration = await startCalibration(20);

    expect(await calibration.correct(40_000, 'medium', 'glm')).toEqual({
      tokens: 60_200,
      factor: 1.505,
      explanation:
        'The last 20 finished issues of difficulty medium with profile glm took 1.60 times their estimates (median), ' +
        'so 40000 tokens are taken as 60200.',
    });
  });

  it.each([
    ['too few jobs are finished', 2, 'medium', 'glm'],
    ['the finished ones were of another difficulty', 20, 'easy', 'glm'],
    ['the finished ones were of another profile', 20, 'medium', 'opus'],
  ] as const)('leaves an estimate as it is where %s', async (_when, jobs, difficulty, profile) => {
    const calibration = await startCalibration(jobs);

    expect(await calibration.correct(40_000, difficulty, profile)).toEqual({
      tokens: 40_000,
      factor: 1,
      explanation: null,
    });
  });

  it('leaves an estimate as it is where jobs took what was thought', async () => {
    const calibration = CalibrationService.alone();
    for (const jobId of ['a/a#1', 'a/a#2', 'a/a#3']) {
      await calibration.record(makeSample({ jobId, estimatedTokens: 500, peakTokens: 500 }));
    }

    expect(await calibration.correct(9, 'medium', 'glm')).toEqual({ tokens: 9, factor: 1, explanation: null });
  });

  it('learns, and corrects nothing, when it is switched off', async () => {
    const calibration = await startCalibration(20, { enabled: false });

    expect((await calibration.correct(40_000, 'medium', 'glm')).tokens).toBe(40_000);
    expect(await calibration.overview()).toMatchObject([{ samples: 20, factor: 1.505, isApplied: false }]);
  });

  it('counts a job once, however often it is told of it', async () => {
    const calibration = CalibrationService.alone();

    for (let time = 0; time < 5; time += 1) await calibration.record(makeSample());

    expect(await calibration.overview()).toEqual([
      { profile: 'glm', difficulty: 'medium', samples: 1, factor: 1, median: null, isApplied: false },
    ]);
  });

  it('shows what it knows of each group', async () => {
    const calibration = await startCalibration(20);

    expect(await calibration.overview()).toEqual([
      { profile: 'glm', difficulty: 'medium', samples: 20, factor: 1.505, median: 1.6, isApplied: true },
    ]);
  });

  it('never makes less than one token of an estimate', async () => {
    const calibration = CalibrationService.alone();
    for (const jobId of ['a/a#1', 'a/a#2', 'a/a#3']) {
      await calibration.record(makeSample({ jobId, estimatedTokens: 1_000, peakTokens: 1 }));
    }

    expect((await calibration.correct(0.1, 'medium', 'glm')).tokens).toBe(1);
  });

  it.each([0, -1, Number.NaN, Infinity])('refuses %d tokens', async (tokens) => {
    const calibration = CalibrationService.alone();
    const error = { code: 'CALIBRATION_SAMPLE_INVALID' };

    await expect(calibration.record(makeSample({ estimatedTokens: tokens }))).rejects.toMatchObject(error);
    await expect(calibration.record(makeSample({ peakTokens: tokens }))).rejects.toMatchObject(error);
    await expect(calibration.correct(tokens, 'easy', 'glm')).rejects.toMatchObject(error);
    expect(await calibration.overview()).toEqual([]);
  });
});
