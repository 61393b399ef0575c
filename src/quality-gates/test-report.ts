import { createHash } from 'node:crypto';
import { plainText, shortened } from './plain-text.js';
import type { TestOutcome, TestRecord, TestReport } from './test-report.types.js';

/** The most tests that are kept by name. */
export const MAX_TESTS = 20_000;
/** The most failures whose message is kept. */
export const MAX_MESSAGES = 200;
const NAME_LENGTH = 300;
const MESSAGE_LINES = 12;
const LINE_LENGTH = 240;

/** Gathers the tests of one report, within bounds: what a hostile report costs is limited by its own length. */
export class TestCollector {
  private run = 0;
  private failed = 0;
  private skipped = 0;
  private messages = 0;
  private readonly tests: TestRecord[] = [];

  /** @param shown takes out of a text what must not be shown, such as the folder in which the tests ran */
  constructor(private readonly shown: (text: string) => string = (text) => text) {}

  /** @param name the parts of the name, outermost first; empty ones and repeated ones are left out */
  add(name: readonly string[], outcome: TestOutcome, message = ''): void {
    if (outcome === 'skipped') this.skipped += 1;
    else this.run += 1;
    if (outcome === 'failed') this.failed += 1;
    if (this.tests.length >= MAX_TESTS) return;
    const isTold = outcome === 'failed' && message !== '' && this.messages < MAX_MESSAGES;
    if (isTold) this.messages += 1;
    this.tests.push({ name: this.nameOf(name), outcome, message: isTold ? firstLines(this.shown(message)) : '' });
  }

  report(runner: string): TestReport {
    const { run, failed, skipped, tests } = this;
    return { run, failed, skipped, runner, tests, isComplete: tests.length === run + skipped };
  }

  private nameOf(parts: readonly string[]): string {
    // A cut keeps the patterns below to a length that a hostile name cannot choose.
    const cleaned = parts.map((part) =>
      plainText(this.shown(part.length > 4000 ? digested(part, 4000) : part))
        .replace(/\s+/g, ' ')
        .trim(),
    );
    const told = cleaned.filter((part, index) => part !== '' && part !== cleaned[index - 1]);
    return digested(told.join(' › ') || 'a test without a name', NAME_LENGTH);
  }
}

/** Adds up the reports of one run, such as those that surefire writes for each class. */
export function summedTests(reports: readonly TestReport[]): TestReport {
  const [first] = reports;
  if (first && reports.length === 1) return first;
  const sum = (count: (report: TestReport) => number): number => reports.reduce((all, one) => all + count(one), 0);
  const tests = reports.flatMap((report) => report.tests).slice(0, MAX_TESTS);
  const isCounted = reports.every(({ skipped }) => skipped !== null);
  return {
    run: sum(({ run }) => run),
    failed: sum(({ failed }) => failed),
    skipped: isCounted ? sum(({ skipped }) => skipped ?? 0) : null,
    runner: [...new Set(reports.map(({ runner }) => runner))].join(', '),
    tests,
    isComplete: reports.every(({ isComplete }) => isComplete) && tests.length === sum((report) => report.tests.length),
  };
}

/** A text that is too long by its beginning and a digest of the whole, so that two of them stay two. */
function digested(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${shortened(text, limit - 14)} #${digest}`;
}

function firstLines(message: string): string {
  return plainText(message.slice(0, 20_000))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(0, MESSAGE_LINES)
    .map((line) => shortened(line, LINE_LENGTH))
    .join('\n');
}
