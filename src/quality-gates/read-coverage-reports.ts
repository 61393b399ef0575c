import { readJsonCoverage } from './coverage-json.js';
import { CoverageLines } from './coverage-lines.js';
import { coverageReading, shareOf } from './coverage-share.js';
import { coverageFromOutput } from './coverage-table.js';
import { isGoProfile, isLcov, readGoProfile, readLcov } from './coverage-text.js';
import { readXmlCoverage } from './coverage-xml.js';
import type { CoverageReading, CoverageReport, Share } from './coverage.types.js';
import { parsedObject } from './parsed-object.js';

/**
 * Reads the coverage reports of one run, each by what it is: lcov, Cobertura, Clover or JaCoCo XML, the JSON of Istanbul
 * (summary and final) or coverage.py, Go's profile, or a tool's table written to a file. Of several the lines are put
 * together where all of them tell lines, else their totals are added up; one that cannot be read spoils them all.
 *
 * @param shown takes out of a path what must not be shown, such as the folder in which the tests ran
 */
export function readCoverageReports(
  texts: readonly string[],
  shown: (path: string) => string = (path) => path,
): CoverageReading {
  const reports: CoverageReport[] = [];
  for (const text of texts) {
    const reading = readCoverageReport(text.replace(/^\uFEFF/, '').trimStart(), shown);
    if ('problem' in reading) return reading;
    reports.push(reading.report);
  }
  const [first] = reports;
  return first && reports.length === 1 ? { report: first } : together(reports);
}

function readCoverageReport(text: string, shown: (path: string) => string): CoverageReading {
  if (text === '') return { problem: 'It is empty' };
  if (text.startsWith('<')) return readXmlCoverage(text, shown);
  if (text.startsWith('{')) return readJsonCoverage(parsedObject(text), shown);
  if (isGoProfile(text)) return readGoProfile(text, shown);
  if (isLcov(text)) return readLcov(text, shown);
  const report = coverageFromOutput(text, '');
  return report ? { report } : { problem: 'Its form is not known' };
}

function together(reports: readonly CoverageReport[]): CoverageReading {
  const format = [...new Set(reports.map((report) => report.format))].join(', ');
  const perLine = new CoverageLines((path) => path);
  for (const { files } of reports) {
    for (const { path, covered, missed } of files?.values() ?? []) {
      for (const line of covered) perLine.add(path, line, true);
      for (const line of missed) perLine.add(path, line, false);
    }
  }
  const files = reports.every((report) => report.files !== null) ? perLine.files() : null;
  const branches = summed(reports.map((report) => report.branches).filter((share) => share !== null));
  if (files === null) return coverageReading(format, summed(reports.map((report) => report.lines)), branches, null);
  const shares = [...files.values()].map(({ covered, missed }) => ({
    covered: covered.length,
    total: covered.length + missed.length,
  }));
  return coverageReading(format, summed(shares), branches, perLine);
}

/** Null when one of them is not known. */
function summed(shares: readonly (Share | null)[]): Share | null {
  const known = shares.filter((share) => share !== null);
  if (known.length < shares.length) return null;
  const sum = (part: (share: Share) => number): number => known.reduce((all, share) => all + part(share), 0);
  return shareOf(
    sum(({ covered }) => covered),
    sum(({ total }) => total),
  );
}
