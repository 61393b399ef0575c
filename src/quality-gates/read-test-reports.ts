import { isGoReport, readGoReport } from './go-report.js';
import { readJestReport } from './jest-report.js';
import { readJunitReport } from './junit-report.js';
import { parsedObject } from './parsed-object.js';
import { plainText } from './plain-text.js';
import { RUNNER_LISTINGS } from './runner-listings.js';
import { isTapReport, readTapReport } from './tap-report.js';
import { testCountsFromOutput } from './test-counts.js';
import { summedTests } from './test-report.js';
import type { TestReading, TestReport } from './test-report.types.js';
import { readTrxReport } from './trx-report.js';
import { rootOf } from './xml-tags.js';

/** What must not be shown of a text, such as the folder in which tests ran, is taken out by such a function. */
type Shown = (text: string) => string;

/**
 * Reads the report files of one run of tests, each by what it is: JUnit XML, .NET test results, the JSON of jest or
 * vitest, the events of `go test -json`, TAP, or a runner's output. Several are added up; one that cannot be read
 * spoils them all, for what it would have told is not known.
 */
export function readTestReports(texts: readonly string[], shown?: Shown): TestReading {
  const reports: TestReport[] = [];
  for (const text of texts) {
    const reading = readTestReport(text, shown);
    if ('problem' in reading) return reading;
    reports.push(reading.report);
  }
  return { report: summedTests(reports) };
}

function readTestReport(given: string, shown?: Shown): TestReading {
  const text = given.replace(/^\uFEFF/, '').trimStart();
  if (text === '') return { problem: 'It is empty' };
  if (text.startsWith('<')) {
    const root = rootOf(text);
    if (root === 'testsuites' || root === 'testsuite') return readJunitReport(text, shown);
    if (root === 'TestRun') return readTrxReport(text, shown);
    if (root === '') return { problem: 'It is cut off, or declares entities' };
    return {
      problem: `Its XML begins with ${JSON.stringify(root.slice(0, 60))}, which is no report of tests that is known`,
    };
  }
  if (isGoReport(text)) return readGoReport(text, shown);
  if (text.startsWith('{')) {
    const report = parsedObject(text);
    if (Object.keys(report).length > 0) return readJestReport(report, shown);
  }
  if (isTapReport(text)) return readTapReport(text, shown);
  const report = readTestOutput(text, '', shown);
  return report
    ? { report }
    : { problem: 'Its form is not known, and it does not end with the summary of a test runner' };
}

/**
 * Reads what test runners printed: how many tests ran by their summaries, and where the runner lists its tests, which.
 * Null when no runner's summary is there.
 */
export function readTestOutput(stdout: string, stderr: string, shown: Shown = (text) => text): TestReport | null {
  const counts = testCountsFromOutput(stdout, stderr);
  if (counts === null) return null;
  const listing = RUNNER_LISTINGS.get(counts.runner);
  const streams = [stdout, stderr].filter((text) => testCountsFromOutput(text, '') !== null);
  const listed = listing ? streams.map((text) => listing(plainText(text), shown)) : [];
  const [best] = listed.filter((report) => report !== null).sort((a, b) => b.tests.length - a.tests.length);
  if (!best) return { ...counts, skipped: null, tests: [], isComplete: false };
  const isEqual = best.run === counts.run && best.failed === counts.failed;
  // node:test counts a test with subtests besides these.
  const lacksParents = counts.runner === 'node:test' && best.run <= counts.run && best.failed <= counts.failed;
  const agrees = best.isComplete && (isEqual || lacksParents);
  return { ...counts, skipped: agrees ? best.skipped : null, tests: best.tests, isComplete: agrees };
}
