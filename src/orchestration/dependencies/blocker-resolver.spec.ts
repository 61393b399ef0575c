import { afterEach, describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, PROFILE, startOrchestration } from '../../../test/support/start-orchestration.js';
import type { IssueRef } from '../../kernel/index.js';
import type { TrackedIssue } from '../index.js';

const BLOCKER: IssueRef = { ...ISSUE, number: 3 };

describe('BlockerResolver', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** An issue that waits for an open one, by a link of the tracker. */
  async function start() {
    const started = await startOrchestration({ profiles: [PROFILE] });
    closings.push(() => started.close());
    const { queue, tracker, deliveries, loop, clock } = started;
    queue.claim = () => Promise.resolve(undefined);
    await started.start();
    await loop.idle();
    tracker.put(anIssue({ ref: BLOCKER, assignees: [] }));
    const issue = anIssue({ blockedBy: [{ issue: BLOCKER, isFinished: false }] });
    tracker.put(issue);
    await deliveries.record(aDelivery(issue));
    loop.wake();
    await loop.idle();
    const before = await queue.require(ISSUE);
    return {
      before,
      /** The tracker has it so, no webhook tells, and the next sweep looks. */
      afterSweep: async (changed: TrackedIssue) => {
        tracker.put(changed);
        clock.advance(3_600_000);
        loop.wake();
        await loop.idle();
        return queue.require(ISSUE);
      },
    };
  }

  it('learns from the sweep that a link was taken away, which no webhook tells', async () => {
    const { before, afterSweep } = await start();

    expect(before).toMatchObject({ state: 'pending' });
    expect(await afterSweep(anIssue())).toMatchObject({ state: 'available', blockers: [] });
  });

  it('learns from the sweep that a link was added, and that its blocker was closed', async () => {
    const { afterSweep } = await start();
    const other = { ...ISSUE, number: 4 };

    const added = await afterSweep(anIssue({ blockedBy: [{ issue: other, isFinished: false }] }));
    const closed = await afterSweep(anIssue({ blockedBy: [{ issue: other, isFinished: true }] }));

    expect(added).toMatchObject({ state: 'pending', blockers: [{ issue: other, isFinished: false }] });
    expect(closed).toMatchObject({ state: 'available' });
  });
});
