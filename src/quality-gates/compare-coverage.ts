import type { CoverageReport } from './coverage.types.js';

/** What is demanded of coverage. */
export interface CoverageDemands {
  /** How many points of per cent it may fall below the base commit's. */
  readonly maxFall: number;
  /** Per cent that must be covered, 0 to 100; null where nothing is demanded. */
  readonly threshold: number | null;
}

/** How coverage stands to that of the base commit. */
export interface CoverageComparison {
  /** Points of per cent that it fell; negative where it rose. */
  readonly fall: number;
  /** False where the two were measured in different ways, so that their figures say nothing about each other. */
  readonly isComparable: boolean;
  readonly fellTooFar: boolean;
  readonly isBelowThreshold: boolean;
}

/** What sums of floating-point numbers may be off by, in points of per cent. */
const TOLERANCE = 1e-9;

/** Compares the coverage of a commit with that of its base and with what is demanded. Exactly the demanded is enough. */
export function compareCoverage(
  base: Pick<CoverageReport, 'percent' | 'format'>,
  head: Pick<CoverageReport, 'percent' | 'format'>,
  { maxFall, threshold }: CoverageDemands,
): CoverageComparison {
  const fall = base.percent - head.percent;
  return {
    fall,
    isComparable: base.format === head.format,
    fellTooFar: fall > maxFall + TOLERANCE,
    isBelowThreshold: threshold !== null && head.percent < threshold - TOLERANCE,
  };
}
