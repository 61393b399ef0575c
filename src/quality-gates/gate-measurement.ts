import type { CommandResult } from '../command-runner/index.js';
import type { CoverageReading } from './coverage.types.js';
import { coverageFromOutput } from './coverage-table.js';
import { findingLines } from './failing-lines.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import type { GateKind } from './quality-gates.types.js';
import { readCoverageReports } from './read-coverage-reports.js';
import { readTestOutput, readTestReports } from './read-test-reports.js';
import type { Report } from './report-file.js';
import type { TestReading } from './test-report.types.js';

/** What a gate did. */
export interface GateOutcome {
  readonly command: CommandResult;
  /** What its report files say; null where its definition names none. */
  readonly report: Report | null;
}

const UNTOLD = 'set `report:` to the file that it writes';
const CUT = 'it printed so much that the middle is not kept';

/**
 * Reads the numbers of a gate: from its report where it has one and from nothing else, else from what it printed.
 *
 * @param shown takes out of names and paths the folders of this machine, so that two runs name the same test alike
 */
export function measureGate(
  kind: GateKind,
  { command, report }: GateOutcome,
  shown: (text: string) => string,
): GateMeasurement {
  const { ending, exitCode, leftBehind, stdout, stderr } = command;
  const isCut = stdout.isTruncated || stderr.isTruncated;
  const isAboutLines = kind !== 'test' && kind !== 'coverage';
  return {
    tests: kind === 'test' ? readTests(command, report, shown) : null,
    coverage: kind === 'coverage' ? readCoverage(command, report, shown) : null,
    ending,
    exitCode,
    leftBehind,
    findings: isAboutLines && !isCut ? findingLines(shown(`${stdout.text}\n${stderr.text}`)) : null,
  };
}

function readTests(
  { stdout, stderr }: CommandResult,
  report: Report | null,
  shown: (text: string) => string,
): TestReading {
  if (report !== null) return readFiles(report, (texts) => readTestReports(texts, shown));
  const told = readTestOutput(stdout.text, stderr.text, shown);
  const isCut = stdout.isTruncated || stderr.isTruncated;
  if (told !== null) return { report: { ...told, isComplete: told.isComplete && !isCut } };
  return { problem: `no number of tests could be read from its output: ${isCut ? CUT : UNTOLD}` };
}

function readCoverage(
  { stdout, stderr }: CommandResult,
  report: Report | null,
  shown: (text: string) => string,
): CoverageReading {
  if (report !== null) return readFiles(report, (texts) => readCoverageReports(texts, shown));
  const told = coverageFromOutput(stdout.text, stderr.text);
  return told ? { report: told } : { problem: `no coverage could be read from its output: ${UNTOLD}` };
}

/** The problems of reading a file and of understanding it, as parts of one sentence. */
function readFiles<Reading>(
  report: Report,
  read: (texts: readonly string[]) => Reading | { readonly problem: string },
): Reading | { readonly problem: string } {
  if ('problem' in report) return { problem: lowerFirst(report.problem) };
  const reading = read(report.texts);
  const problem = (reading as { readonly problem?: string }).problem;
  return problem === undefined ? reading : { problem: `its report cannot be used: ${lowerFirst(problem)}` };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
