import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';

import { FakeClock } from '../testing/index.js';
import {
  CONTEXT_ACTIONS,
  ContextMonitorModule,
  ContextMonitorService,
  InvalidContextMonitorOptionsError,
  InvalidContextReadingError,
  resolveContextMonitorOptions,
  type ContextMonitorModuleOptions,
  type ContextReading,
} from './index.js';

async function startMonitor(options: ContextMonitorModuleOptions = {}) {
  const clock = new FakeClock(1_000);
  const moduleRef = await Test.createTestingModule({
    imports: [ContextMonitorModule.forRoot({ clock, ...options })],
  }).compile();
  return { monitor: moduleRef.get(ContextMonitorService), clock };
}

function reading(usedTokens: number | null, given: Partial<ContextReading> = {}): ContextReading {
  return { sessionId: 'session-1', usedTokens, usableTokens: 100, ...given };
}

describe('ContextMonitorService', () => {
  it.each([
    [0.1, 'continue'],
    [79.9, 'continue'],
    [80, 'compact'],
    [94.9, 'compact'],
    [95, 'rotate'],
    [120, 'rotate'],
  ])('at %d of 100 usable tokens says %s', async (used, action) => {
    const { monitor } = await startMonitor();

    expect(monitor.assess(reading(used)).action).toBe(action);
  });

  it('measures against the usable window and dates the assessment', async () => {
    const { monitor } = await startMonitor();

    expect(monitor.assess(reading(41, { usableTokens: 50 }))).toEqual({
      sessionId: 'session-1',
      usage: 0.82,
      action: 'compact',
      changed: true,
      reason: '82.0 % of the usable window is in use',
      assessedAt: 1_000,
    });
  });

  it('reports a change of action once', async () => {
    const { monitor } = await startMonitor();

    const changes = [81, 85, 96, 97].map((used) => monitor.assess(reading(used)).changed);

    expect(changes).toEqual([true, false, true, false]);
  });

  it('keeps sessions apart', async () => {
    const { monitor } = await startMonitor();
    monitor.assess(reading(85));

    expect(monitor.assess(reading(85, { sessionId: 'session-2' })).changed).toBe(true);
  });

  it('forgets a session', async () => {
    const { monitor } = await startMonitor();
    monitor.assess(reading(85));
    monitor.forget('session-1');

    expect(monitor.assess(reading(85)).changed).toBe(true);
  });

  it.each([{ usedTokens: null }, { usableTokens: null }, { usedTokens: 0 }])(
    'calls %j unknown, not empty',
    async (given) => {
      const { monitor } = await startMonitor();

      expect(monitor.assess(reading(99, given))).toMatchObject({ usage: null, action: 'continue' });
    },
  );

  it('replaces a session whose occupancy stays unknown for too many turns', async () => {
    const { monitor } = await startMonitor({ turnsWhileUnknown: 2 });

    const actions = [1, 2, 3].map(() => monitor.assessUnknownTurn('session-1').action);

    expect(actions).toEqual(['continue', 'continue', 'rotate']);
  });

  it('counts unknown turns anew after a known reading', async () => {
    const { monitor } = await startMonitor({ turnsWhileUnknown: 1 });
    monitor.assessUnknownTurn('session-1');
    monitor.assess(reading(10));

    expect(monitor.assessUnknownTurn('session-1').action).toBe('continue');
  });

  it('goes on after a compaction that helped', async () => {
    const { monitor } = await startMonitor();
    monitor.assess(reading(85));

    expect(monitor.assessCompaction(reading(20), true).action).toBe('continue');
  });

  it('replaces the session after a compaction that left it at the threshold', async () => {
    const { monitor } = await startMonitor();

    expect(monitor.assessCompaction(reading(80), true).action).toBe('rotate');
  });

  it('replaces the session after a compaction that failed, whatever comes next', async () => {
    const { monitor } = await startMonitor();
    monitor.assessCompaction(reading(10), false);

    expect(monitor.assess(reading(10)).action).toBe('rotate');
  });

  it('waits for the next reading when the occupancy after a compaction is not known', async () => {
    const { monitor } = await startMonitor();

    expect(monitor.assessCompaction(reading(null), true).action).toBe('continue');
  });

  it('replaces the session when that next reading shows that the compaction did not help', async () => {
    const { monitor } = await startMonitor();
    monitor.assess(reading(85));
    monitor.assessCompaction(reading(null), true);

    expect(monitor.assess(reading(80)).action).toBe('rotate');
  });

  it('compacts again when the window fills again after a reading that showed that it helped', async () => {
    const { monitor } = await startMonitor();
    monitor.assessCompaction(reading(null), true);
    monitor.assess(reading(30));

    expect(monitor.assess(reading(80)).action).toBe('compact');
  });

  it('replaces a session that fills again though a compaction helped a little', async () => {
    const { monitor } = await startMonitor();
    monitor.assess(reading(85));

    expect(monitor.assessCompaction(reading(65), true).action).toBe('continue');
    expect(monitor.assess(reading(80))).toMatchObject({
      action: 'rotate',
      reason: '80.0 % of the usable window is in use again, after a compaction that freed little',
    });
  });

  it('compacts again what a compaction, or the agent itself, has brought far enough down', async () => {
    const { monitor } = await startMonitor();
    monitor.assessCompaction(reading(64.9), true);
    const first = monitor.assess(reading(80)).action;
    monitor.assessCompaction(reading(70), true);
    monitor.assess(reading(30));

    expect([first, monitor.assess(reading(80)).action]).toEqual(['compact', 'compact']);
  });

  it('does not believe an occupancy of zero after a compaction that is yet to be proved', async () => {
    const { monitor } = await startMonitor();
    monitor.assessCompaction(reading(null), true);
    monitor.assess(reading(0));

    expect(monitor.assess(reading(80)).action).toBe('rotate');
  });

  it.each([{ usedTokens: -1 }, { usedTokens: Number.NaN }, { usableTokens: 0 }, { usableTokens: Number.NaN }])(
    'refuses the reading %j',
    async (given) => {
      const { monitor } = await startMonitor();

      expect(() => monitor.assess(reading(50, given))).toThrow(InvalidContextReadingError);
    },
  );

  it('never becomes less urgent as the window fills', async () => {
    const { monitor } = await startMonitor();
    const urgency = (used: number): number => CONTEXT_ACTIONS.indexOf(monitor.assess(reading(used)).action);

    expect(() =>
      fc.assert(fc.property(fc.nat(200), fc.nat(200), (a, b) => a > b || urgency(a) <= urgency(b))),
    ).not.toThrow();
  });
});

describe('resolveContextMonitorOptions', () => {
  it('fills in the documented defaults', () => {
    expect(resolveContextMonitorOptions({})).toEqual({
      compactAt: 0.8,
      rotateAt: 0.95,
      coolDown: 0.15,
      turnsWhileUnknown: 10,
    });
  });

  it('cools down by half of a low threshold', () => {
    expect(resolveContextMonitorOptions({ compactAt: 0.1 }).coolDown).toBe(0.05);
  });

  it.each([
    { compactAt: 0 },
    { compactAt: 0.95 },
    { rotateAt: 1.01 },
    { compactAt: Number.NaN },
    { coolDown: -0.01 },
    { coolDown: 0.8 },
    { turnsWhileUnknown: 0 },
    { turnsWhileUnknown: 1.5 },
  ])('refuses %j', (options) => {
    expect(() => resolveContextMonitorOptions(options)).toThrow(InvalidContextMonitorOptionsError);
  });
});
