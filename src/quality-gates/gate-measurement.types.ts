import type { CommandEnding } from '../command-runner/index.js';
import type { CoverageReading } from './coverage.types.js';
import type { TestReading } from './test-report.types.js';

/** What could be read of one gate's tests and coverage; null where the gate is not about them. */
export interface GateMeasurement {
  readonly tests: TestReading | null;
  readonly coverage: CoverageReading | null;
  readonly ending: CommandEnding;
  readonly exitCode: number | null;
  /** How many processes it left running. */
  readonly leftBehind: number;
  /** What it printed of failures, line by line; null of tests and coverage, and where the output is too long to compare. */
  readonly findings: readonly string[] | null;
}
