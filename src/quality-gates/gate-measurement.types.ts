import type { CoverageReading } from './coverage.types.js';
import type { TestReading } from './test-report.types.js';

/** What could be read of one gate's tests and coverage; null where the gate is not about them. */
export interface GateMeasurement {
  readonly tests: TestReading | null;
  readonly coverage: CoverageReading | null;
}
