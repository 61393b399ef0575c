import type { BaseGate } from './base-measurement-store.port.js';
import { compareCoverage } from './compare-coverage.js';
import { compareTests, type TestComparison } from './compare-tests.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import { formatPercent, plural } from './gate-result.js';
import { MAX_FAILURES } from './listed-failures.js';
import { withoutMoved } from './moved-tests.js';
import { newLinesIn } from './new-lines.js';
import type { BasePolicy, GateDefinition, GateResult, TestFailure } from './quality-gates.types.js';
import type { TestReport } from './test-report.types.js';

/** How many points of per cent coverage may fall where its gate does not say. */
export const DEFAULT_MAX_FALL = 1;
const MAX_NAMED = 3;
const MAX_NEW_LINES = 50;

/** A gate's result, and what it is held against. */
export interface ComparedGate {
  readonly definition: GateDefinition;
  readonly result: GateResult;
  readonly measured: GateMeasurement;
  readonly base: BaseGate;
  readonly policy: BasePolicy;
}

/**
 * Decides again on a gate, with what it says of the base commit. What was there must stay: tests that are missing or
 * skipped and coverage that fell are a failure whatever the exit code. What was broken before is no failure under
 * *must_not_worsen*, if nothing more is.
 */
export function comparedWithBase(compared: ComparedGate): GateResult {
  const { definition, base } = compared;
  const isOld = !base.passed && !compared.result.passed;
  const result = isOld ? { ...compared.result, isRedOnBase: true as const } : compared.result;
  const known = { ...compared, result };
  const broken = brokenOnBoth(known);
  if (broken) return broken;
  switch (definition.kind) {
    case 'test':
      return comparedTests(known);
    case 'coverage':
      return comparedCoverage(known);
    case 'setup':
      return result;
    case 'build':
    case 'lint':
      return comparedLines(known);
  }
}

/** What says nothing on either commit is beyond the agent: without an exit code, dependencies or numbers. */
function brokenOnBoth({ definition, result, measured, base }: ComparedGate): GateResult | null {
  if (result.passed || base.passed || result.fault === 'coordinator') return null;
  const sameEnding = measured.ending !== 'exited' && measured.ending === base.ending;
  const noSetup = definition.kind === 'setup';
  const noNumbers =
    (measured.tests !== null && !('report' in measured.tests) && base.tests === null) ||
    (measured.coverage !== null && !('report' in measured.coverage) && base.coverage === null);
  if (!sameEnding && !noSetup && !noNumbers) return null;
  const summary = `${result.summary}; so it does on the base commit, and nothing can be shown until a person mends it there`;
  return { ...result, fault: 'definition', summary };
}

function comparedTests({ result, measured, base, policy }: ComparedGate): GateResult {
  const head = measured.tests && 'report' in measured.tests ? measured.tests.report : null;
  if (base.tests === null) return result;
  if (head === null) return lostNumbers(result);
  const comparison = compareTests(base.tests, head);
  const losses = lossesOf(comparison, base.tests, head);
  const { newly, still } = failing(comparison, base.tests, head);
  const isNoWorse = losses.length === 0 && newly.count === 0;
  if (!result.passed && isNoWorse && isForgiven({ measured, base, policy }, head)) {
    const which = head.failed > 0 ? 'all of which failed before this change' : 'as before this change';
    return { ...passed(result), summary: `${result.summary}, ${which}` };
  }
  const missing = losses.flatMap(({ tests }) => tests);
  const ours = policy === 'must_pass' || still === 0 ? (result.failures ?? []) : newlyAmong(result, newly.names);
  const split = newly.count > 0 && still > 0 ? `; ${newly.count} newly, and ${still} failed before this change` : '';
  if (losses.length === 0)
    return split === '' ? result : { ...result, summary: result.summary + split, failures: ours };
  const told = losses.map(({ sentence }) => sentence).join('; ');
  return {
    ...result,
    passed: false,
    fault: 'change',
    summary: result.passed ? told : `${result.summary}${split}; ${told}`,
    failures: [...(result.passed ? [] : ours), ...missing].slice(0, MAX_FAILURES),
  };
}

/** Only what ran to its end, left nothing behind and fails as it did before. */
function isForgiven(
  { measured, base, policy }: Pick<ComparedGate, 'measured' | 'base' | 'policy'>,
  head: TestReport | null = null,
): boolean {
  if (policy === 'must_pass' || base.passed || base.ending !== 'exited') return false;
  if (measured.ending !== 'exited' || measured.leftBehind > 0 || head?.run === 0) return false;
  // Some runners make the number of failing tests their exit code.
  return (head !== null && head.failed > 0) || measured.exitCode === base.exitCode;
}

interface Loss {
  readonly sentence: string;
  readonly tests: readonly TestFailure[];
}

function lossesOf({ byName, fewer, moreSkipped }: TestComparison, base: TestReport, head: TestReport): readonly Loss[] {
  if (byName === null) {
    const counted = `${head.run} instead of ${base.run}`;
    return [
      ...(fewer > 0 ? [{ sentence: `${plural(fewer)} fewer than on the base commit: ${counted}`, tests: [] }] : []),
      ...(moreSkipped ? [{ sentence: `${plural(moreSkipped)} more skipped than on the base commit`, tests: [] }] : []),
    ];
  }
  const removed = withoutMoved(byName.removed, byName.added);
  const isOne = (names: readonly string[]): boolean => names.length === 1;
  const losses: Loss[] = [];
  if (removed.length > 0) {
    const sentence = `${plural(removed.length)} of the base commit ${isOne(removed) ? 'is' : 'are'} missing: ${named(removed)}`;
    losses.push({ sentence, tests: told(removed, 'It is missing. The base commit has it: put it back.') });
  }
  if (byName.newlySkipped.length > 0) {
    const { newlySkipped } = byName;
    const sentence = `${plural(newlySkipped.length)} ${isOne(newlySkipped) ? 'is' : 'are'} skipped that the base commit does not skip: ${named(newlySkipped)}`;
    losses.push({ sentence, tests: told(newlySkipped, 'It is skipped, which it is not on the base commit.') });
  }
  return losses;
}

function failing({ byName }: TestComparison, base: TestReport, head: TestReport) {
  if (byName === null) {
    const count = Math.max(0, head.failed - base.failed);
    return { newly: { count, names: null }, still: Math.min(head.failed, base.failed) };
  }
  const { newlyFailing, stillFailing } = byName;
  return { newly: { count: newlyFailing.length, names: new Set(newlyFailing) }, still: stillFailing.length };
}

function newlyAmong({ failures = [] }: GateResult, names: ReadonlySet<string> | null): readonly TestFailure[] {
  if (names === null) return failures;
  const told = failures.filter(({ name }) => names.has(name));
  return told.length > 0 ? told : [...names].slice(0, MAX_FAILURES).map((name) => ({ name, message: '' }));
}

function comparedCoverage({ definition, result, measured, base, policy }: ComparedGate): GateResult {
  const head = measured.coverage && 'report' in measured.coverage ? measured.coverage.report : null;
  if (base.coverage === null) return result;
  if (head === null) return lostNumbers(result);
  const maxFall = definition.maxFall ?? DEFAULT_MAX_FALL;
  const { fall, isComparable, fellTooFar } = compareCoverage(base.coverage, head, { maxFall, threshold: null });
  if (!isComparable) {
    // Both are measured with the base commit's settings, so that it is the change that tells it otherwise.
    const other = `its coverage is told as ${head.format}, and on the base commit as ${base.coverage.format}, so that they cannot be compared`;
    return { ...result, passed: false, fault: 'change', summary: `${result.summary}; ${other}` };
  }
  if (!fellTooFar) {
    const isOld = !result.passed && isForgiven({ measured, base, policy });
    return isOld ? { ...passed(result), summary: `${result.summary}, as before this change` } : result;
  }
  const before = formatPercent(base.coverage.percent);
  const points = `${Math.round(fall * 100) / 100} points of per cent`;
  const sentence = `${formatPercent(head.percent)} covered, ${points} less than the ${before} of the base commit, where it may fall by ${maxFall}`;
  const summary = result.passed ? sentence : `${result.summary}; ${sentence}`;
  return { ...result, passed: false, fault: 'change', summary };
}

function comparedLines({ result, measured, base, policy }: ComparedGate): GateResult {
  if (result.passed || base.passed) return result;
  if (base.findings === null && policy !== 'must_pass') {
    const summary = `${result.summary}; so it does on the base commit, with more output than can be compared, and nothing can be shown until a person mends it there`;
    return { ...result, fault: 'definition', summary };
  }
  const fresh = newLinesIn(measured.findings, base.findings ?? []);
  if (fresh === null) return result;
  if (fresh.length === 0) {
    if (!isForgiven({ measured, base, policy })) return result;
    return { ...passed(result), summary: `${result.summary}, as before this change, and nothing more is found` };
  }
  const lines = fresh.length === 1 ? '1 line of its output is' : `${fresh.length} lines of its output are`;
  const summary = `${result.summary}, as before this change, but ${lines} new`;
  return policy === 'must_pass' ? result : { ...result, summary, newLines: fresh.slice(0, MAX_NEW_LINES) };
}

/** The same gate told numbers of the base commit, so that it is the change that keeps it from telling them. */
function lostNumbers(result: GateResult): GateResult {
  if (result.fault !== 'definition') return result;
  return { ...result, fault: 'change', summary: `${result.summary}, which it does on the base commit` };
}

function passed(result: GateResult): GateResult {
  const { failures: _, ...rest } = result;
  return { ...rest, passed: true, fault: null };
}

function told(names: readonly string[], message: string): readonly TestFailure[] {
  return [...new Set(names)].slice(0, MAX_FAILURES).map((name) => ({ name, message }));
}

function named(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, MAX_NAMED);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
