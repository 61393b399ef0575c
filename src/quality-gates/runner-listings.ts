import { readGoReport } from './go-report.js';
import { readTapReport } from './tap-report.js';
import { TestCollector } from './test-report.js';
import type { TestOutcome, TestReport } from './test-report.types.js';

/** What a runner's plain output tells of single tests; null when it tells nothing. */
type Listing = (text: string, shown: (text: string) => string) => TestReport | null;

/**
 * By the runner's name in its counts: how to find the tests in what it printed. What a test prints can look like such a
 * line, so this never decides how many tests ran or failed; it only names them.
 */
export const RUNNER_LISTINGS: ReadonlyMap<string, Listing> = new Map([
  ['node:test', nodeListing],
  ['go test', goListing],
  ['cargo test', cargoListing],
  ['pytest', pytestListing],
]);

/** The most lines of a message, and the most lines that are looked at for one. */
const MESSAGE_LINES = 12;

function nodeListing(text: string, shown: (text: string) => string): TestReport | null {
  const summary = /^(?:ℹ|#) tests (\d+)\n(?:ℹ|#) suites (\d+)$/m.exec(text);
  const start = /^TAP version 1[34]$/m.exec(text);
  const reading = start && readTapReport(text.slice(start.index), shown);
  const report = reading === null ? specListing(text, shown) : 'report' in reading ? reading.report : null;
  if (report === null || summary === null) return report;
  // A test with subtests is counted besides these, and a suite apart; each has a line of its own.
  const points = text.slice(0, summary.index).match(/^ {0,400}(?:(?:not )?ok \d|[✔✖﹣] )/gm)?.length ?? 0;
  return { ...report, isComplete: report.isComplete && points === Number(summary[1]) + Number(summary[2]) };
}

/** `✔ adds (1ms)`, `✖ divides (1ms)`, `﹣ later (1ms) # SKIP`, with subtests two spaces further in under `▶ suite`. */
function specListing(text: string, shown: (text: string) => string): TestReport {
  const collector = new TestCollector(shown);
  const suites: string[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // What failed is told again below the counts.
    if (/^ℹ tests \d/.test(line)) break;
    const [, indent = '', sign, told = ''] = /^( {0,200})(▶|✔|✖|﹣) (.{1,4000})$/.exec(line) ?? [];
    if (sign === undefined) continue;
    const depth = Math.floor(indent.length / 2);
    const name = told.replace(/ \([\d.]+ms\)(?: # .{0,400})?$/, '');
    const isEnd = suites.length > depth && suites[depth] === name;
    suites.length = Math.min(suites.length, depth);
    if (sign === '▶') suites[depth] = name;
    if (sign === '▶' || isEnd || /^\S*(?:\/\S+|\.test|\.spec)\.[cm]?[jt]sx?$/.test(name)) continue;
    const isExcused = sign === '﹣' || / # (?:SKIP|TODO)\b/.test(told);
    const outcome = isExcused ? 'skipped' : sign === '✔' ? 'passed' : 'failed';
    const message =
      outcome === 'failed' ? messageBelow(lines, index, (below) => /^\s*(?:[▶✔✖﹣ℹ]|at )/.test(below)) : '';
    collector.add([...suites.map((suite) => suite ?? ''), name], outcome, message);
  }
  return collector.report('node:test');
}

/** The events of -json, else `--- FAIL: TestHalf (0.00s)` of -v, with what was printed under its name. */
function goListing(text: string, shown: (text: string) => string): TestReport | null {
  if (/^\{"(?:Time|ImportPath|Action)":/m.test(text)) {
    const reading = readGoReport(text, shown);
    return 'report' in reading ? reading.report : null;
  }
  const collector = new TestCollector(shown);
  const printed = new Map<string, string[]>();
  let current: string[] = [];
  let ofPackage: { readonly name: string; readonly outcome: TestOutcome }[] = [];
  for (const line of text.split('\n')) {
    const begins = /^=== (?:RUN|NAME|CONT) +(\S+)$/.exec(line);
    const ends = /^ {0,400}--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$/.exec(line);
    const packageEnds = /^(?:ok {2}|FAIL)\t(\S+)/.exec(line);
    if (begins) {
      current = printed.get(begins[1] ?? '') ?? [];
      printed.set(begins[1] ?? '', current);
    } else if (ends) {
      const name = ends[2] ?? '';
      const outcome = ends[1] === 'PASS' ? 'passed' : ends[1] === 'FAIL' ? 'failed' : 'skipped';
      ofPackage.push({ name, outcome });
      // A panic is told below the line that ends its test.
      current = printed.get(name) ?? [];
    } else if (packageEnds) {
      for (const { name, outcome } of ofPackage) {
        collector.add([packageEnds[1] ?? '', name], outcome, printed.get(name)?.join('\n'));
      }
      ofPackage = [];
      printed.clear();
    } else if (current.length < MESSAGE_LINES) {
      current.push(line);
    }
  }
  return collector.report('go test');
}

/** `test tests::adds ... FAILED`; what it said stands under `---- tests::adds stdout ----`. */
function cargoListing(text: string, shown: (text: string) => string): TestReport {
  const collector = new TestCollector(shown);
  const lines = text.split('\n');
  const messages = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const [, name] = /^---- (.{1,1000}) stdout ----$/.exec(line) ?? [];
    if (name !== undefined)
      messages.set(
        name,
        messageBelow(lines, index, (below) => /^(?:---- |failures:$|stack backtrace:$)/.test(below)),
      );
  }
  for (const line of lines) {
    const [, name = '', word] = /^test (.{1,1000}) \.\.\. (ok|FAILED|ignored)\b/.exec(line) ?? [];
    if (word === undefined) continue;
    const outcome = word === 'ok' ? 'passed' : word === 'FAILED' ? 'failed' : 'skipped';
    collector.add([name], outcome, messages.get(name));
  }
  return collector.report('cargo test');
}

/** `FAILED test_calc.py::test_half - assert 2.0 == 3` of the closing summary; with -v each test has a line. */
function pytestListing(text: string, shown: (text: string) => string): TestReport {
  const collector = new TestCollector(shown);
  const failures = new Map<string, string>();
  for (const [, name = '', message = ''] of text.matchAll(/^(?:FAILED|ERROR) (\S{1,1000})(?: - (.{0,1000}))?$/gm)) {
    failures.set(name, message);
  }
  const verbose = /^(\S{1,1000}::.{1,1000}?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b.{0,400}\[ *\d+%\]$/gm;
  for (const [, name = '', word] of text.matchAll(verbose)) {
    const isBad = word === 'FAILED' || word === 'ERROR';
    collector.add([name], isBad ? 'failed' : word === 'SKIPPED' ? 'skipped' : 'passed', failures.get(name));
    failures.delete(name);
  }
  for (const [name, message] of failures) collector.add([name], 'failed', message);
  return collector.report('pytest');
}

/** The first lines under a line that names a failure, up to one where something else begins. */
function messageBelow(lines: readonly string[], index: number, ends: (line: string) => boolean): string {
  const below = lines.slice(index + 1, index + 1 + 3 * MESSAGE_LINES);
  const end = below.findIndex(ends);
  return below.slice(0, end < 0 ? below.length : end).join('\n');
}
