import type { CommandResult } from '../command-runner/index.js';
import { coverageFromOutput } from './coverage-table.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import type { GateKind } from './quality-gates.types.js';
import { readCoverageReports } from './read-coverage-reports.js';
import { readTestOutput, readTestReports } from './read-test-reports.js';
import type { Report } from './report-file.js';

/** What a gate did. */
export interface GateOutcome {
  readonly command: CommandResult;
  /** What its report files say; null where its definition names none. */
  readonly report: Report | null;
}

const UNTOLD = 'set `report:` to the file that it writes';

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
  const { stdout, stderr } = command;
  if (kind === 'test') {
    if (report !== null) return { tests: readFiles(report, (texts) => readTestReports(texts, shown)), coverage: null };
    const told = readTestOutput(stdout.text, stderr.text, shown);
    if (told === null) {
      return { tests: { problem: `no number of tests could be read from its output: ${UNTOLD}` }, coverage: null };
    }
    const isComplete = told.isComplete && !stdout.isTruncated && !stderr.isTruncated;
    return { tests: { report: { ...told, isComplete } }, coverage: null };
  }
  if (kind !== 'coverage') return { tests: null, coverage: null };
  if (report !== null)
    return { tests: null, coverage: readFiles(report, (texts) => readCoverageReports(texts, shown)) };
  const told = coverageFromOutput(stdout.text, stderr.text);
  const reading = told ? { report: told } : { problem: `no coverage could be read from its output: ${UNTOLD}` };
  return { tests: null, coverage: reading };
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
