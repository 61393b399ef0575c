import { describe, expect, it } from '@jest/globals';

import { AgentRecovery } from './agent-recovery.js';
import type { Mishap } from './remedy.js';
import type { RunScope } from './run-scope.js';

function recovery(limit: number) {
  const scope = { announce: () => undefined } as unknown as RunScope;
  const kept = new AgentRecovery(scope, limit);
  const befall = (mishap: Mishap) => kept.after({ kind: 'mishap', mishap, detail: 'So.', isClosed: false });
  return { settle: () => kept.settle(), befall };
}

describe('AgentRecovery', () => {
  it('counts crashes through turns that end by themselves, and nothing else', () => {
    const { befall, settle } = recovery(1);

    for (const mishap of ['crash', 'silence', 'interruption'] as const) befall(mishap);
    settle();

    expect(befall('crash')).toBe('hand-over');
    expect(befall('silence')).toBe('prompt');
    expect(befall('interruption')).toBe('prompt');
  });

  it.each([
    ['crash', 3, 'its process ended 3 times in this run'],
    ['silence', 3, 'it was silent, or did not stop, 3 times in a row'],
    ['interruption', 2, 'its turn was interrupted 2 times in a row'],
  ] as const)('says why it gives up after a %s', (mishap, times, why) => {
    const { befall } = recovery(1);
    for (let time = 1; time < times; time += 1) befall(mishap);

    expect(() => befall(mishap)).toThrow(`The agent was given up: ${why}. So.`);
  });
});
