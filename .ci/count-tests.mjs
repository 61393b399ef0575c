// Prints `passed failed skipped` of reports of jest, and names on the standard error what was skipped. A report that is
// missing, or of no test at all, counts as one failure.
import { readFileSync } from 'node:fs';

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** The titles under which tests were skipped, with how many each: the reason stands in them. */
function skippedIn({ testResults }) {
  const counts = new Map();
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  for (const { status, ancestorTitles, title } of tests) {
    if (status === 'passed' || status === 'failed') continue;
    const name = ancestorTitles.join(' › ') || title;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `skipped: ${count} in ${name}`);
}

let passed = 0;
let failed = 0;
let skipped = 0;
for (const report of process.argv.slice(2).map(read)) {
  const ran = report?.numPassedTests ?? 0;
  const broke = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  passed += ran;
  failed += ran + broke > 0 ? broke : 1;
  skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  if (report !== null) for (const line of skippedIn(report)) process.stderr.write(`${line}\n`);
}
process.stdout.write(`${passed} ${failed} ${skipped}\n`);
