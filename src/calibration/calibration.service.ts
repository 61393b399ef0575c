import { Inject, Injectable } from '@nestjs/common';

import type { Difficulty } from '../kernel/index.js';
import { InvalidCalibrationSampleError } from './calibration.errors.js';
import {
  CALIBRATION_OPTIONS,
  resolveCalibrationOptions,
  type CalibrationModuleOptions,
  type CalibrationOptions,
} from './calibration.options.js';
import type {
  CalibrationGroup,
  CalibrationOverview,
  CalibrationSample,
  CorrectedEstimate,
} from './calibration.types.js';
import { MOST_SAMPLES, correctionOf } from './correction-of.js';

/**
 * Decides how much an estimate is corrected, after what jobs of the same difficulty took with the same profile.
 *
 * It learns from what it is told and decides; who goes by the corrected estimate is no business of its own.
 */
@Injectable()
export class CalibrationService {
  constructor(@Inject(CALIBRATION_OPTIONS) private readonly options: CalibrationOptions) {}

  /** Calibration without Nest. */
  static alone(given: CalibrationModuleOptions = {}): CalibrationService {
    return new CalibrationService(resolveCalibrationOptions(given));
  }

  /**
   * Learns from a finished job. Told again of the same job, it goes by the last word.
   *
   * @throws {InvalidCalibrationSampleError} if the estimate or the peak is not a positive, finite number
   */
  async record(sample: CalibrationSample): Promise<void> {
    assertPositive('estimate', sample.estimatedTokens);
    assertPositive('peak', sample.peakTokens);
    await this.options.store.put(sample);
  }

  /**
   * The estimate to go by if this profile did the work. It stays as it is where calibration is switched off, and where
   * too few jobs are finished.
   *
   * @throws {InvalidCalibrationSampleError} if the estimate is not a positive, finite number
   */
  async correct(estimatedTokens: number, difficulty: Difficulty, profile: string): Promise<CorrectedEstimate> {
    assertPositive('estimate', estimatedTokens);
    const untouched = { tokens: estimatedTokens, factor: 1, explanation: null };
    if (!this.options.enabled) return untouched;
    const { factor, samples, median } = await this.correctionFor({ profile, difficulty });
    if (factor === 1 || median === null) return untouched;

    const tokens = Math.max(1, Math.round(estimatedTokens * factor));
    const explanation =
      `The last ${samples} finished issues of difficulty ${difficulty} with profile ${profile} took ` +
      `${median.toFixed(2)} times their estimates (median), so ${estimatedTokens} tokens are taken as ${tokens}.`;
    return { tokens, factor, explanation };
  }

  /** What is known, group by group. */
  async overview(): Promise<readonly CalibrationOverview[]> {
    const groups = await this.options.store.groups();
    return Promise.all(
      groups.map(async ({ profile, difficulty }) => {
        const correction = await this.correctionFor({ profile, difficulty });
        return { profile, difficulty, ...correction, isApplied: this.options.enabled && correction.factor !== 1 };
      }),
    );
  }

  private async correctionFor(group: CalibrationGroup) {
    return correctionOf(await this.options.store.newest(group, MOST_SAMPLES));
  }
}

function assertPositive(name: string, tokens: number): void {
  if (Number.isFinite(tokens) && tokens > 0) return;
  throw new InvalidCalibrationSampleError(`Expected a positive number of tokens as the ${name}, got ${tokens}`);
}
