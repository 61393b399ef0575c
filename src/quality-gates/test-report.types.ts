/** How many tests were executed, and how many of those failed. Skipped and planned tests were not executed. */
export interface TestCounts {
  readonly run: number;
  readonly failed: number;
  /** Whose summary it was. */
  readonly runner: string;
}

export const TEST_OUTCOMES = ['passed', 'failed', 'skipped'] as const;
export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/** One test that a report names. */
export interface TestRecord {
  /** As a person would look for it, such as `test_calc.py › test_half`. Not unique: a test can run with several values. */
  readonly name: string;
  readonly outcome: TestOutcome;
  /** The first lines of what went wrong; empty where nothing is told, and for tests that did not fail. */
  readonly message: string;
}

/** What a report says of the tests of one run. */
export interface TestReport extends TestCounts {
  /** How many were skipped; null where it is not told. */
  readonly skipped: number | null;
  /** In the order of the report. */
  readonly tests: readonly TestRecord[];
  /** Whether `tests` holds every test. Otherwise what is missing in it says nothing. */
  readonly isComplete: boolean;
}

/** A report's tests, or in one sentence why they cannot be known. */
export type TestReading = { readonly report: TestReport } | { readonly problem: string };
