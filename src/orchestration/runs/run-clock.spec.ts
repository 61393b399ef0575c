import { describe, expect, it } from '@jest/globals';

import { FakeClock } from '../../testing/index.js';
import { RunClock } from './run-clock.js';

describe('RunClock', () => {
  function start() {
    const clock = new FakeClock();
    const others = new AbortController();
    return { clock, others, run: new RunClock(others.signal, clock) };
  }

  it('stops a run when the time that its repository allows is over since its beginning', async () => {
    const { clock, run } = start();
    clock.advance(30_000);
    const limit = run.limit(2);
    clock.advance(89_999);
    const wasStopped = run.signal.aborted;

    clock.advance(1);
    await limit;

    expect(wasStopped).toBe(false);
    expect(run.signal.reason).toEqual({
      interruption: 'timed_out',
      sentence: 'The run took longer than the 2 minutes that the repository allows (limits.minutes).',
    });
  });

  it('stops a run when the time of its job is over, if that is sooner', async () => {
    const { clock, run } = start();
    const limit = run.limit(2, 60_000);

    clock.advance(60_000);
    await limit;

    expect(run.signal.reason).toEqual({ interruption: 'timed_out', sentence: 'The time of the job is over.' });
  });

  it('stops at once a run whose time went by before it was known', async () => {
    const { clock, run } = start();
    clock.advance(120_000);

    await run.limit(2);

    expect(run.signal.aborted).toBe(true);
  });

  it('stops it for the reason of others, with a limit and without one', async () => {
    const { others, clock, run } = start();
    await run.limit(null);
    const reason = { interruption: 'cancelled', sentence: 'Unassigned' };

    others.abort(reason);

    expect(run.signal.reason).toBe(reason);
    expect(clock.sleeping).toBe(0);
  });

  it('stops nothing, and leaves nobody asleep, once the run is over', async () => {
    const { clock, run } = start();
    const limit = run.limit(2);

    run.end();
    await limit;
    clock.advance(120_000);

    expect(run.signal.aborted).toBe(false);
    expect(clock.sleeping).toBe(0);
  });
});
