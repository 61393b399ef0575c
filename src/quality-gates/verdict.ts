import type { GateFault, GateResult, Verdict } from './quality-gates.types.js';

/**
 * Sums results up. Advisory gates decide nothing; where no gate is left that does, nothing was shown, and that is a
 * failure.
 */
export function verdictOf(
  commit: string,
  results: readonly GateResult[],
  decidedAt: number,
  remark: string | null = null,
): Verdict {
  const deciding = results.filter(({ isAdvisory }) => isAdvisory !== true);
  const failed = deciding.filter(({ passed }) => !passed);
  const advised = results.filter(({ isAdvisory, passed }) => isAdvisory === true && !passed);
  const passed = deciding.length > 0 && failed.length === 0;
  const decided = passed ? passedSentence(deciding) : failureSentence(failed);
  const sentence = advised.length > 0 ? `${decided}; ${listed(advised)} failed and only advises` : decided;
  return {
    commit,
    passed,
    fault: passed ? null : faultOf(failed),
    summary: remark === null ? sentence : `${sentence}. ${remark}`,
    results,
    decidedAt,
  };
}

/** As long as the agent can mend anything, it has something to do. */
function faultOf(failed: readonly GateResult[]): GateFault {
  const faults = failed.map(({ fault }) => fault);
  if (faults.includes('change')) return 'change';
  return faults.includes('definition') ? 'definition' : 'coordinator';
}

function failureSentence(failed: readonly GateResult[]): string {
  const [first, ...others] = failed;
  if (!first) return 'No gate was run';
  if (others.length === 0) return `${first.gate} failed: ${first.summary}`;
  return `${listed(failed)} failed; ${first.gate}: ${first.summary}`;
}

/** A gate that is red as it was on the base commit did not pass by itself, and a person should read that. */
function passedSentence(deciding: readonly GateResult[]): string {
  const old = deciding.filter(isForgiven);
  const green = deciding.filter((result) => !isForgiven(result));
  const sentences = [
    ...(green.length > 0 ? [`${listed(green)} passed`] : []),
    ...(old.length > 0 ? [`${listed(old)} ${old.length === 1 ? 'is' : 'are'} as red as before this change`] : []),
  ];
  return sentences.join('; ');
}

/** Whether a gate passes though it is red, because it was so on the base commit. */
export function isForgiven({ passed, isRedOnBase }: GateResult): boolean {
  return passed && isRedOnBase === true;
}

/** `build, lint and test` */
function listed(results: readonly GateResult[]): string {
  return results
    .map(({ gate }) => gate)
    .join(', ')
    .replace(/, ([\w-]+)$/, ' and $1');
}
