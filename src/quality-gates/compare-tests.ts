import type { TestReport } from './test-report.types.js';

/** What became of the tests of a base commit. Names stand there as often as they are meant. */
export interface TestComparison {
  /** How many fewer were executed; 0 when there are as many or more. */
  readonly fewer: number;
  /** How many more were skipped; null where one of the reports tells no number. */
  readonly moreSkipped: number | null;
  /** The lists below; null where one of the reports does not name every test, so that nothing can be said. */
  readonly byName: TestChanges | null;
}

/** Sorted by name. */
export interface TestChanges {
  /** The base has them, executed or skipped, and the head does not have them at all. A renamed test is one of them. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** Skipped by the head and not by the base, whether they are new or were executed. */
  readonly newlySkipped: readonly string[];
  /** Fail on the head and did not on the base, whether they are new or passed. */
  readonly newlyFailing: readonly string[];
  /** Fail on both: what was broken before. */
  readonly stillFailing: readonly string[];
}

/**
 * Compares the tests of a commit with those of its base: fewer executed ones or new skips are what weakened tests look
 * like. It states what is; whether that is a failure or a person's decision is for its caller to say.
 */
export function compareTests(base: TestReport, head: TestReport): TestComparison {
  return {
    fewer: Math.max(0, base.run - head.run),
    moreSkipped: base.skipped === null || head.skipped === null ? null : Math.max(0, head.skipped - base.skipped),
    byName: base.isComplete && head.isComplete ? changes(base, head) : null,
  };
}

interface Tally {
  all: number;
  failed: number;
  skipped: number;
}
const NONE: Tally = { all: 0, failed: 0, skipped: 0 };

function changes(base: TestReport, head: TestReport): TestChanges {
  const [before, after] = [tallies(base), tallies(head)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const listed = (count: (was: Tally, is: Tally) => number): readonly string[] =>
    names.flatMap((name) => {
      const times = count(before.get(name) ?? NONE, after.get(name) ?? NONE);
      return times > 0 ? Array<string>(times).fill(name) : [];
    });
  return {
    removed: listed((was, is) => was.all - is.all),
    added: listed((was, is) => is.all - was.all),
    newlySkipped: listed((was, is) => is.skipped - was.skipped),
    newlyFailing: listed((was, is) => is.failed - was.failed),
    stillFailing: listed((was, is) => Math.min(was.failed, is.failed)),
  };
}

function tallies({ tests }: TestReport): ReadonlyMap<string, Tally> {
  const byName = new Map<string, Tally>();
  for (const { name, outcome } of tests) {
    const tally = byName.get(name) ?? { ...NONE };
    tally.all += 1;
    if (outcome === 'failed') tally.failed += 1;
    if (outcome === 'skipped') tally.skipped += 1;
    byName.set(name, tally);
  }
  return byName;
}
