import { isCount, objectOf } from './parsed-object.js';
import { TestCollector } from './test-report.js';
import type { TestOutcome, TestReading } from './test-report.types.js';

const OUTCOMES: ReadonlyMap<unknown, TestOutcome> = new Map<unknown, TestOutcome>([
  ['passed', 'passed'],
  ['pending', 'skipped'],
  ['skipped', 'skipped'],
  ['todo', 'skipped'],
  ['disabled', 'skipped'],
]);

/**
 * Reads the JSON of `jest --json` or of vitest's reporter of that name, which has the same form. A file that could not be
 * loaded counts as one failed test. Where the report lists no tests, its totals are taken.
 */
export function readJestReport(
  report: Readonly<Record<string, unknown>>,
  shown: (text: string) => string = (text) => text,
): TestReading {
  const files = report['testResults'];
  const collector = new TestCollector(shown);
  if (Array.isArray(files)) {
    for (const file of files) addFile(objectOf(file), collector);
  }
  const read = collector.report('jest or vitest');
  const { numPassedTests: passed, numFailedTests: failed } = report;
  if (!isCount(passed) || !isCount(failed)) return { problem: 'It has no totals as jest and vitest write them' };
  const isListed = read.run >= passed + failed && read.failed >= failed;
  if (isListed) return { report: read };
  return {
    report: {
      ...read,
      run: Math.max(read.run, passed + failed),
      failed: Math.max(read.failed, failed),
      skipped: null,
      isComplete: false,
    },
  };
}

function addFile(file: Readonly<Record<string, unknown>>, collector: TestCollector): void {
  const path = textOf(file['name']);
  const list: readonly unknown[] = Array.isArray(file['assertionResults']) ? file['assertionResults'] : [];
  let isFailureTold = false;
  for (const entry of list) {
    const test = objectOf(entry);
    const outcome = OUTCOMES.get(test['status']) ?? 'failed';
    isFailureTold ||= outcome === 'failed';
    const ancestors: readonly unknown[] = Array.isArray(test['ancestorTitles']) ? test['ancestorTitles'] : [];
    const title = textOf(test['title']) || textOf(test['fullName']);
    const messages: readonly unknown[] = Array.isArray(test['failureMessages']) ? test['failureMessages'] : [];
    collector.add([path, ...ancestors.slice(0, 20).map(textOf), title], outcome, messages.map(textOf).join('\n'));
  }
  if (file['status'] === 'failed' && !isFailureTold) collector.add([path], 'failed', textOf(file['message']));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
