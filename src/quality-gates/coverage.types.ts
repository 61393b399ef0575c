/** So many of so many. */
export interface Share {
  readonly covered: number;
  readonly total: number;
}

/** Which lines of one file ran; lines without code are in neither list. */
export interface FileCoverage {
  /** As the report writes it: relative to a folder that it does not always name. */
  readonly path: string;
  /** Ascending, counted from 1. */
  readonly covered: readonly number[];
  readonly missed: readonly number[];
}

/** What a report says of coverage. */
export interface CoverageReport {
  /** Of lines, 0 to 100. Go and some reporters count statements; it is then of those. */
  readonly percent: number;
  /** What said so. */
  readonly format: string;
  /** Null where only a percentage is told. */
  readonly lines: Share | null;
  /** Null where they are not told, or there are none. */
  readonly branches: Share | null;
  /** By path; null where the report tells no lines, or too many. */
  readonly files: ReadonlyMap<string, FileCoverage> | null;
}

/** A report's coverage, or in one sentence why it cannot be known. */
export type CoverageReading = { readonly report: CoverageReport } | { readonly problem: string };
