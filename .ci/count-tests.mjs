// Prints `passed failed` of a report of jest. A report that is missing, or of no test at all, counts as one failure.
import { readFileSync } from 'node:fs';

function counted(file) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    return numPassedTests + failed > 0 ? [numPassedTests, failed] : [0, 1];
  } catch {
    return [0, 1];
  }
}

process.stdout.write(`${counted(process.argv[2]).join(' ')}\n`);
