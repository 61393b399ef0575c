import { parsedObject } from './parsed-object.js';
import type { TestCounts } from './test-report.types.js';

/** What a test runner said at its end. */
export interface RunnerSummary extends TestCounts {
  /** Where in the output it stands. */
  readonly at: number;
}

/**
 * One reader for each test runner's closing words: its last summary in an output without colours, or null. Runners that
 * end once for each package or binary are added up.
 */
export const RUNNER_SUMMARIES: readonly ((text: string) => RunnerSummary | null)[] = [
  nodeTest,
  jest,
  vitest,
  mocha,
  ava,
  pytest,
  unittest,
  goVerbose,
  goJson,
  cargo,
  surefire,
  nothingFound,
];

/** `ℹ tests 3` (spec) or `# tests 3` (TAP), as node:test, tape and tap end their output. */
function nodeTest(text: string): RunnerSummary | null {
  const block =
    /^(?:ℹ|#) tests +(\d+)\n(?:(?:ℹ|#) suites +\d+\n)?(?:ℹ|#) pass +(\d+)(?:\n(?:ℹ|#) fail +(\d+))?(?:\n(?:ℹ|#) cancelled +(\d+))?/gm;
  const [before, match] = [undefined, ...text.matchAll(block)].slice(-2);
  if (!match) return null;
  const [, , passed, failed, cancelled] = match;
  // node:test counts a file without any test as one that passed, under the file's path.
  const ofThisRun = text.slice(before?.index ?? 0, match.index);
  const files =
    ofThisRun.match(/^(?:✔ |ok \d+ - )\S*(?:\/\S+|\.test|\.spec)\.[cm]?[jt]sx?(?: \([\d.]+ms\))?$/gm)?.length ?? 0;
  const bad = number(failed) + number(cancelled);
  return { run: Math.max(0, number(passed) - files) + bad, failed: bad, runner: 'node:test', at: match.index };
}

/** `Tests:       1 failed, 1 skipped, 2 passed, 4 total` */
function jest(text: string): RunnerSummary | null {
  const match = lastMatch(text, /^Tests: +(.{0,200}\d+ total)$/gm);
  return match && named(match, 'jest');
}

/** `      Tests  1 failed | 2 passed | 1 skipped (4)` */
function vitest(text: string): RunnerSummary | null {
  const match = lastMatch(text, /^ +Tests +(\d.{0,200}) \(\d+\)$/gm);
  return match && named(match, 'vitest');
}

/** `  2 passing (4ms)`, then pending and failing ones. */
function mocha(text: string): RunnerSummary | null {
  const match = lastMatch(text, /^ +(\d+) passing \([^)\n]{1,20}\)(?:\n +\d+ pending)?(?:\n +(\d+) failing)?$/gm);
  if (!match) return null;
  const failed = number(match[2]);
  return { run: number(match[1]) + failed, failed, runner: 'mocha', at: match.index };
}

/** `  ─`, then `  1 test failed`, `  2 tests passed`, `  1 test skipped`, each only if there is one. */
function ava(text: string): RunnerSummary | null {
  const match = lastMatch(text, /^ +─\n\n((?: +\d+ (?:tests?|known failures?|uncaught exceptions?) ?\w*\n?)+)/gm);
  if (!match) return null;
  const count = (word: string): number => number(new RegExp(`(\\d+) tests? ${word}`).exec(match[1] ?? '')?.[1]);
  return { run: count('passed') + count('failed'), failed: count('failed'), runner: 'ava', at: match.index };
}

/** `==== 2 failed, 1 passed in 0.03s ====`, without the signs under -q. */
function pytest(text: string): RunnerSummary | null {
  const match = lastMatch(
    text,
    /^(?:=+ )?(no tests ran|\d+ [a-z][a-z0-9, ]{0,200}) in [\d.]+s(?: \([\d:, a-z]+\))?(?: =+)?$/gm,
  );
  return match && named(match, 'pytest');
}

/** `Ran 3 tests in 0.001s`, then `FAILED (failures=1, errors=1, skipped=1)` or `OK`. */
function unittest(text: string): RunnerSummary | null {
  const match = lastMatch(
    text,
    /^Ran (\d+) tests? in [\d.]+s\n\n(?:OK|FAILED|NO TESTS RAN)(?: \(([^)\n]{0,200})\))?$/gm,
  );
  if (!match) return null;
  const count = (word: string): number => number(new RegExp(`\\b${word}=(\\d+)`).exec(match[2] ?? '')?.[1]);
  const failed = count('failures') + count('errors');
  return { run: Math.max(0, number(match[1]) - count('skipped')), failed, runner: 'unittest', at: match.index };
}

/** `--- PASS: TestSum (0.00s)` of `go test -v`. Without -v Go prints no count, except that there is nothing to run. */
function goVerbose(text: string): RunnerSummary | null {
  const end = lastMatch(text, /^(?:ok {2}|FAIL|\? {3})\t\S+/gm);
  if (!end || !/^=== RUN {3}|\[no test(?:s to run| files)\]$/m.test(text)) return null;
  const count = (word: string): number => text.match(new RegExp(`^ {0,40}--- ${word}: `, 'gm'))?.length ?? 0;
  const failed = count('FAIL');
  return { run: count('PASS') + failed, failed, runner: 'go test', at: end.index };
}

/** One JSON object a line, of `go test -json`. The object of a package's end names no test. */
function goJson(text: string): RunnerSummary | null {
  let run = 0;
  let failed = 0;
  let at = -1;
  for (const match of text.matchAll(/^\{"(?:Time|ImportPath|Action)":.{1,100000}\}$/gm)) {
    const { Action: action, Test: test, Package: packageName } = parsedObject(match[0]);
    if (action !== 'pass' && action !== 'fail' && action !== 'skip') continue;
    if (typeof packageName !== 'string') continue;
    if (typeof test !== 'string') {
      at = match.index;
    } else if (action !== 'skip') {
      run += 1;
      if (action === 'fail') failed += 1;
    }
  }
  return at < 0 ? null : { run, failed, runner: 'go test', at };
}

/** `test result: ok. 1 passed; 0 failed; 1 ignored; …`, once for each test binary. */
function cargo(text: string): RunnerSummary | null {
  const results = [...text.matchAll(/^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; /gm)];
  return summed(results, ([, passed, failed]) => [number(passed) + number(failed), number(failed)], 'cargo test');
}

/** `[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1`, once for each module. Lines of one class go on. */
function surefire(text: string): RunnerSummary | null {
  const totals = [...text.matchAll(/^\[\w+\] Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)$/gm)];
  return summed(
    totals,
    ([, run, failures, errors, skipped]) => [number(run) - number(skipped), number(failures) + number(errors)],
    'maven surefire',
  );
}

/** What jest and vitest say instead of a summary. With `--passWithNoTests` they exit with 0. */
function nothingFound(text: string): RunnerSummary | null {
  const match = lastMatch(text, /^No test(?:s| files) found, exiting with code \d+$/gm);
  return match && { run: 0, failed: 0, runner: 'jest or vitest', at: match.index };
}

/** Adds up `2 failed, 1 passed, …`: what was executed, and what went wrong. */
function named(match: RegExpExecArray, runner: string): RunnerSummary {
  let run = 0;
  let failed = 0;
  for (const [, count, word = ''] of (match[1] ?? '').matchAll(/(\d+) (\w+)/g)) {
    if (/^(?:passed|failed|errors?|xfailed|xpassed)$/.test(word)) run += number(count);
    if (/^(?:failed|errors?)$/.test(word)) failed += number(count);
  }
  return { run, failed, runner, at: match.index };
}

function summed(
  matches: readonly RegExpExecArray[],
  counts: (match: RegExpExecArray) => readonly [run: number, failed: number],
  runner: string,
): RunnerSummary | null {
  const last = matches.at(-1);
  if (!last) return null;
  const pairs = matches.map(counts);
  const run = pairs.reduce((sum, [count]) => sum + count, 0);
  const failed = pairs.reduce((sum, [, count]) => sum + count, 0);
  return { run, failed, runner, at: last.index };
}

function lastMatch(text: string, pattern: RegExp): RegExpExecArray | null {
  let last: RegExpExecArray | null = null;
  for (const match of text.matchAll(pattern)) last = match;
  return last;
}

function number(digits: string | undefined): number {
  return Number(digits ?? 0);
}
