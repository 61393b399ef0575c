import type { TestFailure } from './quality-gates.types.js';
import type { TestReport } from './test-report.types.js';

/** The most failing tests that a result names. */
export const MAX_FAILURES = 50;
const SEPARATORS = ['/', ' › ', '::'];

/**
 * The failing tests of a report, each once, those that tell why before the others. A test that failed only because of a
 * part of it, such as Go's `TestHalf` with `TestHalf/six`, is left out where the part is named.
 */
export function listedFailures({ tests }: Pick<TestReport, 'tests'>): readonly TestFailure[] {
  const byName = new Map<string, string>();
  for (const { name, outcome, message } of tests) {
    if (outcome === 'failed' && (byName.get(name) ?? '') === '') byName.set(name, message);
  }
  const parents = new Set<string>();
  for (const name of byName.keys()) {
    for (const separator of SEPARATORS) {
      for (let at = name.indexOf(separator); at > 0; at = name.indexOf(separator, at + 1))
        parents.add(name.slice(0, at));
    }
  }
  const told: TestFailure[] = [];
  const untold: TestFailure[] = [];
  for (const [name, message] of byName) {
    if (message !== '') told.push({ name, message });
    else if (!parents.has(name)) untold.push({ name, message });
  }
  return [...told, ...untold].slice(0, MAX_FAILURES);
}
