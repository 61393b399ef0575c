import type { CoverageLines } from './coverage-lines.js';
import type { CoverageReading, Share } from './coverage.types.js';
import { isCount } from './parsed-object.js';

/** A share, unless the two numbers cannot be one: nothing at all is covered to no per cent. */
export function shareOf(covered: unknown, total: unknown): Share | null {
  return isCount(covered) && isCount(total) && total > 0 && covered <= total ? { covered, total } : null;
}

/** What was read of a report, if it counts any line. */
export function coverageReading(
  format: string,
  lines: Share | null,
  branches: Share | null,
  perLine: CoverageLines | null,
): CoverageReading {
  if (lines === null) return { problem: `It is a report in the form of ${format}, but counts no line` };
  const percent = (lines.covered / lines.total) * 100;
  return { report: { percent, format, lines, branches, files: perLine?.files() ?? null } };
}
