import { describe, expect, it } from '@jest/globals';

import { ISSUE } from '../../../test/support/start-orchestration.js';
import type { Job } from '../../queue/index.js';
import { FakeClock } from '../../testing/index.js';
import { ActiveRuns } from './active-runs.js';
import { resolveOrchestrationOptions } from '../orchestration.options.js';
import type { RunEnding } from './run-ending.js';
import type { RunService } from './run.service.js';

const LOST: RunEnding = { outcome: 'interrupted', reason: 'Its lease was lost.', isLeaseLost: true };

describe('a job that comes back to the process that still works on it', () => {
  it('is not begun before its last run is over: two agents never share a workspace', async () => {
    const endings: ((ending: RunEnding) => void)[] = [];
    const attempt = (): Promise<RunEnding> => new Promise((resolve) => endings.push(resolve));
    const runs = new ActiveRuns(resolveOrchestrationOptions({ clock: new FakeClock() }), {
      attempt,
    } as unknown as RunService);
    const job = { id: 'acme/tools#7', issue: ISSUE, fencingToken: 1 } as unknown as Job;
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    let over = 0;

    runs.start(job, () => (over += 1));
    await settle();
    runs.start({ ...job, fencingToken: 2 }, () => (over += 1));
    await settle();
    expect(endings).toHaveLength(1);

    endings[0]?.(LOST);
    await settle();
    expect([endings.length, over, runs.count]).toEqual([2, 1, 1]);

    endings[1]?.(LOST);
    await settle();
    expect([over, runs.count]).toEqual([2, 0]);
  });
});
