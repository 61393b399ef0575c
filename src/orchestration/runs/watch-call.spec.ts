import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { watchCall, type CallSigns, type WatchLimits } from './watch-call.js';

const LIMITS: WatchLimits = { silenceMs: 300, turnTimeoutMs: 3_600, interruptGraceMs: 30 };

function signs(given: Partial<CallSigns> = {}): CallSigns {
  return { startedAt: 0, lastSignAt: 0, toolsRunning: 0, stopAskedAt: null, ...given };
}

describe('watchCall', () => {
  it.each([
    ['waits for the silence to be long enough', {}, 100, { do: 'wait', ms: 200 }],
    ['interrupts a silent call', {}, 300, { do: 'interrupt', because: 'silent' }],
    ['measures silence from the last sign', { lastSignAt: 250 }, 300, { do: 'wait', ms: 250 }],
    ['waits out what the call itself waits for', { lastSignAt: 700 }, 650, { do: 'wait', ms: 350 }],
    ['waits no longer than the call may take', { lastSignAt: 3_500 }, 3_550, { do: 'wait', ms: 50 }],
    ['takes a tool that runs for no silence', { toolsRunning: 1 }, 600, { do: 'wait', ms: 3_000 }],
    ['interrupts a call that takes too long', { toolsRunning: 1 }, 3_600, { do: 'interrupt', because: 'too-long' }],
    ['gives a call time to end', { stopAskedAt: 500 }, 510, { do: 'wait', ms: 20 }],
    ['closes a call that does not end', { stopAskedAt: 500 }, 530, { do: 'close' }],
    ['closes it with a tool that runs, too', { stopAskedAt: 500, toolsRunning: 1 }, 531, { do: 'close' }],
  ] as const)('%s', (_, given, now, decision) => {
    expect(watchCall(signs(given), LIMITS, now)).toEqual(decision);
  });

  it('never waits without end, and has something to do when it has waited', () => {
    const times = fc.record({
      lastSignAt: fc.nat(5_000),
      toolsRunning: fc.nat(2),
      stopAskedAt: fc.option(fc.nat(5_000)),
      now: fc.nat(10_000),
    });
    const isSound = ({ now, ...given }: { now: number } & Partial<CallSigns>): boolean => {
      const decision = watchCall(signs(given), LIMITS, now);
      if (decision.do !== 'wait') return true;
      const later = watchCall(signs(given), LIMITS, now + decision.ms);
      return decision.ms > 0 && decision.ms < 10_000 && later.do !== 'wait';
    };

    expect(() => fc.assert(fc.property(times, isSound))).not.toThrow();
  });
});
