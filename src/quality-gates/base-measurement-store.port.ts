import type { CommandEnding } from '../command-runner/index.js';
import type { TestReport } from './test-report.types.js';

/** What one gate says of a base commit, as far as another commit is compared with it. */
export interface BaseGate {
  readonly gate: string;
  readonly passed: boolean;
  readonly ending: CommandEnding;
  readonly exitCode: number | null;
  /** Every test by name, without what the failing ones told; null where none could be read. */
  readonly tests: TestReport | null;
  /** Null where it could not be read. */
  readonly coverage: { readonly percent: number; readonly format: string } | null;
  /** The lines that tell of failures; null of tests and coverage, and where there are too many. */
  readonly findings: readonly string[] | null;
}

/** What the gates of a repository say of a base commit. A gate that could not be run there is not among them. */
export interface BaseMeasurement {
  readonly gates: readonly BaseGate[];
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
}

/** Remembers what gates say of base commits, so that each is measured once. Losing it costs time, nothing else. */
export interface BaseMeasurementStore {
  get(key: string): Promise<BaseMeasurement | undefined>;
  /** Repeating it changes nothing; a second value for a key takes the first one's place. The oldest may be forgotten. */
  put(key: string, measurement: BaseMeasurement): Promise<void>;
}
