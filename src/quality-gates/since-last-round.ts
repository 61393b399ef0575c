import { MAX_FAILURES } from './listed-failures.js';
import { shortened } from './plain-text.js';
import type { GateResult, Verdict } from './quality-gates.types.js';

const MAX_NAMED = 5;

/**
 * What became of the failures since the last verdict, in one sentence: what was mended, what is new and what stayed. Null
 * where there is nothing to compare with.
 */
export function sinceLastRound(
  before: Pick<Verdict, 'commit' | 'results' | 'passed'> | null | undefined,
  { results }: Pick<Verdict, 'results'>,
): string | null {
  if (!before || before.passed) return null;
  const [was, is] = [failuresIn(before.results), failuresIn(results)];
  const uncertain = new Set([...untold(before.results), ...untold(results)]);
  const isKnown = ([, gate]: readonly [string, string]): boolean => !uncertain.has(gate);
  const mended = [...was].filter((failure) => isKnown(failure) && !is.has(failure[0]));
  const fresh = [...is].filter((failure) => isKnown(failure) && !was.has(failure[0]));
  const still = [...is].filter(([name]) => was.has(name));
  const parts = [
    ...told('mended', mended),
    ...told('newly failing', fresh),
    ...(still.length > 0 ? [`failing as before: ${still.length}`] : []),
  ];
  const what = mended.length + fresh.length === 0 ? 'nothing that failed was mended' : parts.join('; ');
  return `Since the last round (commit ${before.commit.slice(0, 12)}) ${what}.`;
}

/** Failures by their names, each with its gate: the tests where they are known by name, else the gate. */
function failuresIn(results: readonly GateResult[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { gate, failures = [] } of results.filter(decides)) {
    if (failures.length === 0) found.set(gate, gate);
    for (const { name } of failures) found.set(`${gate}: ${name}`, gate);
  }
  return found;
}

/** Gates of which not every failure is named. */
function untold(results: readonly GateResult[]): readonly string[] {
  return results.filter(({ failures = [] }) => failures.length >= MAX_FAILURES).map(({ gate }) => gate);
}

function decides({ passed, isAdvisory }: GateResult): boolean {
  return !passed && isAdvisory !== true;
}

function told(what: string, failures: readonly (readonly [string, string])[]): readonly string[] {
  if (failures.length === 0) return [];
  const names = failures.slice(0, MAX_NAMED).map(([name]) => JSON.stringify(shortened(name, 120)));
  const more = failures.length > names.length ? ` and ${failures.length - names.length} more` : '';
  return [`${what}: ${names.join(', ')}${more}`];
}
