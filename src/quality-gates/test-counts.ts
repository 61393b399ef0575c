import { plainText } from './plain-text.js';
import type { TestCounts } from './test-report.types.js';
import { RUNNER_SUMMARIES, type RunnerSummary } from './runner-summaries.js';

/**
 * Reads how many tests ran from what a test runner printed; null when no runner's summary is there.
 *
 * What a test prints can look like a summary, so only the last one in a stream counts, and of two streams the one that
 * says less good. A summary that says zero is a count.
 */
export function testCountsFromOutput(stdout: string, stderr: string): TestCounts | null {
  const found = [lastSummary(stdout), lastSummary(stderr)].filter((counts) => counts !== null);
  const [first, second] = found;
  if (!first || !second) return first ?? null;
  const { run, runner } = second.run < first.run ? second : first;
  return { run, runner, failed: Math.max(first.failed, second.failed) };
}

/** Several commands may have run one after the other (`jest && mocha`); the exit code stands for those before the last. */
function lastSummary(output: string): TestCounts | null {
  const text = plainText(output);
  let last: RunnerSummary | null = null;
  for (const read of RUNNER_SUMMARIES) {
    const summary = read(text);
    if (summary && (last === null || summary.at >= last.at)) last = summary;
  }
  return last && { run: last.run, failed: last.failed, runner: last.runner };
}
