import type { CalibrationSample, Correction } from './calibration.types.js';

/** Older jobs say little of the agents and the code of today. */
export const MOST_SAMPLES = 20;
/** Fewer say nothing: two jobs may both have been unusual. */
export const LEAST_SAMPLES = 3;
export const SMALLEST_FACTOR = 0.5;
export const LARGEST_FACTOR = 3;
/** With so many samples the correction goes half of the way to their median. */
const SAMPLES_FOR_HALF = 3;

/**
 * Decides what estimates are multiplied by, after the jobs that are finished: the median of their ratios of real to
 * estimated, which one wild job cannot move far, drawn towards 1 the fewer they are, and never outside 0.5 to 3.
 *
 * @param samples of one group, newest first; only the first 20 count
 */
export function correctionOf(
  samples: readonly Pick<CalibrationSample, 'estimatedTokens' | 'peakTokens'>[],
): Correction {
  const ratios = samples.slice(0, MOST_SAMPLES).map(({ estimatedTokens, peakTokens }) => peakTokens / estimatedTokens);
  if (ratios.length < LEAST_SAMPLES) return { factor: 1, samples: ratios.length, median: null };

  const median = medianOf(ratios);
  const weight = ratios.length / (ratios.length + SAMPLES_FOR_HALF);
  // A power and not a mean, so that half and double are equally far from 1.
  const factor = Math.min(LARGEST_FACTOR, Math.max(SMALLEST_FACTOR, median ** weight));
  return { factor: Math.round(factor * 1_000) / 1_000, samples: ratios.length, median };
}

/** @param numbers at least one */
function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const around = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return around.reduce((sum, number) => sum + number, 0) / around.length;
}
