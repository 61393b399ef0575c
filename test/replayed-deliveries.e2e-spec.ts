import { describe, expect, it, jest } from '@jest/globals';

import { formatIssueRef } from '../src/kernel/index.js';
import { Coordination } from './support/start-coordination.js';

jest.setTimeout(120_000);

/** As long as the coordinator has something to settle, its loop says so. */
const EVERYTHING_TOLD = { LOG_LEVEL: 'debug', SWEEP_INTERVAL_SECONDS: '86400', LOOP_INTERVAL_SECONDS: '1' };

/** Sends everything once more under new ids, as when the old ones are forgotten, and waits until it was acted upon. */
async function replayEverything(run: Coordination): Promise<number> {
  const known = [...run.fake.deliveries];
  const before = settledBy(run);
  for (const { id } of known) run.fake.replay(id);
  await run.told();
  const statuses = run.fake.deliveries.slice(known.length).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const accepted = run.service.linesOf('Delivery accepted').length;
  for (let nth = 1; settledBy(run) - before < accepted - before; nth += 1) {
    await run.service.line('Loop ticked', {}, run.service.linesOf('Loop ticked').length + 1);
    if (nth > 30) throw new Error('The deliveries are not settled');
  }
  return known.length;
}

function settledBy(run: Coordination): number {
  return run.service.linesOf('Loop ticked').reduce((sum, line) => sum + Number(line['deliveries']), 0);
}

describe('A delivery whose id is forgotten', () => {
  it('makes the coordinator read the issue again, and changes nothing', async () => {
    await using run = await Coordination.start({ environment: EVERYTHING_TOLD });
    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.scene.close(issue);
    await run.reaches(issue, 'completed');
    await run.told();
    const before = moves(run, formatIssueRef(issue));

    const replayed = await replayEverything(run);

    expect(replayed).toBeGreaterThan(3);
    expect(moves(run, formatIssueRef(issue))).toEqual(before);
    expect((await run.job(issue)).state).toBe('completed');
    expect(await run.scene.pullRequests()).toHaveLength(1);
  });

  it('is older than the job of its issue where no token lets anybody ask, and changes nothing', async () => {
    await using run = await Coordination.start({ hasToken: false, environment: EVERYTHING_TOLD });
    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.scene.close(issue);
    await run.reaches(issue, 'completed');
    await run.told();
    const before = moves(run, formatIssueRef(issue));

    await replayEverything(run);

    expect(moves(run, formatIssueRef(issue))).toEqual(before);
    expect((await run.job(issue)).state).toBe('completed');
  });
});

function moves(run: Coordination, issue: string): readonly unknown[] {
  return run.service.linesOf('Job moved', { issue }).map(({ to }) => to);
}
