import { CoverageLines } from './coverage-lines.js';
import { coverageReading, shareOf } from './coverage-share.js';
import type { CoverageReading } from './coverage.types.js';
import { isCount, objectOf } from './parsed-object.js';

type Entries = Readonly<Record<string, unknown>>;

/** Reads the JSON of Istanbul (summary and final) or of coverage.py. */
export function readJsonCoverage(report: Entries, shown: (path: string) => string): CoverageReading {
  const total = objectOf(report['total']);
  const lines = objectOf(total['lines']);
  if (isCount(lines['covered'])) {
    const branches = objectOf(total['branches']);
    const share = shareOf(lines['covered'], lines['total']);
    return coverageReading('Istanbul summary', share, shareOf(branches['covered'], branches['total']), null);
  }
  if (isCount(objectOf(report['totals'])['covered_lines'])) return coveragePy(report, shown);
  return istanbulFinal(report, shown);
}

/** coverage.readthedocs.io, "JSON reporting". */
function coveragePy(report: Entries, shown: (path: string) => string): CoverageReading {
  const totals = objectOf(report['totals']);
  const perLine = new CoverageLines(shown);
  for (const [path, entry] of Object.entries(objectOf(report['files']))) {
    const { executed_lines: ran, missing_lines: missed } = objectOf(entry);
    for (const line of listOf(ran)) perLine.add(path, Number(line), true);
    for (const line of listOf(missed)) perLine.add(path, Number(line), false);
  }
  const lines = shareOf(totals['covered_lines'], totals['num_statements']);
  return coverageReading('coverage.py', lines, shareOf(totals['covered_branches'], totals['num_branches']), perLine);
}

/** A line is covered when a statement that begins on it ran: istanbul-lib-coverage, FileCoverage.getLineCoverage. */
function istanbulFinal(report: Entries, shown: (path: string) => string): CoverageReading {
  const perLine = new CoverageLines(shown);
  const lines = { covered: 0, total: 0 };
  const branches = { covered: 0, total: 0 };
  for (const [key, entry] of Object.entries(report)) {
    const { path, statementMap, s, b } = objectOf(entry);
    const counts = objectOf(s);
    const byLine = new Map<number, boolean>();
    for (const [id, place] of Object.entries(objectOf(statementMap))) {
      const line = Number(objectOf(objectOf(place)['start'])['line']);
      const hasRun = Number(counts[id]) > 0;
      byLine.set(line, byLine.get(line) === true || hasRun);
      perLine.add(typeof path === 'string' ? path : key, line, hasRun);
    }
    lines.total += byLine.size;
    for (const hasRun of byLine.values()) if (hasRun) lines.covered += 1;
    for (const ways of Object.values(objectOf(b))) {
      branches.total += listOf(ways).length;
      branches.covered += listOf(ways).filter((count) => Number(count) > 0).length;
    }
  }
  return coverageReading(
    'Istanbul',
    shareOf(lines.covered, lines.total),
    shareOf(branches.covered, branches.total),
    perLine,
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
