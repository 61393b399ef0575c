import type { GateFault, GateResult, Verdict } from './quality-gates.types.js';

/** Sums results up. No result at all is a failure: nothing was shown. */
export function verdictOf(
  commit: string,
  results: readonly GateResult[],
  decidedAt: number,
  remark: string | null = null,
): Verdict {
  const failed = results.filter(({ passed }) => !passed);
  const passed = results.length > 0 && failed.length === 0;
  const sentence = passed ? `${listed(results)} passed` : failureSentence(failed);
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

/** `build, lint and test` */
function listed(results: readonly GateResult[]): string {
  return results
    .map(({ gate }) => gate)
    .join(', ')
    .replace(/, (\w+)$/, ' and $1');
}
