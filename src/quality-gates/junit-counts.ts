import type { TestCounts } from './quality-gates.types.js';
import { visitXmlTags } from './xml-tags.js';

/**
 * Counts the test cases of a JUnit XML report; null if the text is none. The cases are counted themselves, because the
 * suites' own totals are left out by some runners and doubled by nesting in others.
 */
export function junitCounts(text: string): TestCounts | null {
  let run = 0;
  let failed = 0;
  let isReport = false;
  let openCase: { bad: boolean; skipped: boolean } | null = null;
  const settle = (settled: { bad: boolean; skipped: boolean }): void => {
    if (settled.bad) failed += 1;
    if (settled.bad || !settled.skipped) run += 1;
  };
  const isWhole = visitXmlTags(text, ({ name, kind }) => {
    if (name === 'testsuites' || name === 'testsuite') isReport = true;
    if (name === 'testcase') {
      if (kind === 'empty') settle({ bad: false, skipped: false });
      if (kind === 'close' && openCase) settle(openCase);
      openCase = kind === 'open' ? { bad: false, skipped: false } : null;
    }
    if (openCase && (name === 'failure' || name === 'error')) openCase.bad = true;
    if (openCase && name === 'skipped') openCase.skipped = true;
  });
  return isWhole && isReport ? { run, failed, runner: 'JUnit report' } : null;
}
