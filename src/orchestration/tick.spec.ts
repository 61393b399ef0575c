import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration } from '../../test/support/start-orchestration.js';
import type { IssueParsed, RunStarted } from './index.js';

const LATER = { ...ISSUE, number: 8 };

async function startWith(...issues: readonly ReturnType<typeof anIssue>[]) {
  const started = await startOrchestration();
  for (const issue of issues) {
    started.tracker.put(issue);
    await started.deliveries.record(aDelivery(issue));
  }
  return started;
}

describe('Tick', () => {
  it('begins what was delivered before it has noted that it was taken', async () => {
    const { deliveries, next, start, loop, close } = await startWith(anIssue());
    const begun = next<RunStarted>('orchestration.run-started');
    const settle = deliveries.settle.bind(deliveries);
    deliveries.settle = async (ids) => {
      await begun;
      return settle(ids);
    };

    await start();
    await begun;
    await loop.idle();

    expect(await deliveries.unsettled(10)).toEqual([]);
    await close();
  });

  it('looks at what was delivered while what others left behind is still looked for', async () => {
    const { queue, next, start, reaches, close } = await startWith(anIssue());
    const parsed = next<IssueParsed>('orchestration.issue-parsed');
    const promoteDue = queue.promoteDue.bind(queue);
    queue.promoteDue = async () => {
      await parsed;
      return promoteDue();
    };

    await start();

    expect(await reaches('in_review')).toMatchObject({ fencingToken: 1 });
    await close();
  });

  it.each(['found quickly', 'found slowly'])(
    'begins with the most urgent of all that was delivered, where what was left behind is %s',
    async (pace) => {
      const { queue, tracker, events, start, reaches, close } = await startWith(
        anIssue(),
        anIssue({ ref: LATER, labels: ['priority/high'] }),
      );
      const claim = queue.claim.bind(queue);
      const promoteDue = queue.promoteDue.bind(queue);
      const readIssue = tracker.readIssue.bind(tracker);
      queue.promoteDue = async () => {
        if (pace === 'found slowly') await rounds();
        return promoteDue();
      };
      // The more urgent one takes longest to be read.
      tracker.readIssue = async (ref) => {
        if (ref.number === LATER.number) await rounds(2);
        return readIssue(ref);
      };
      queue.claim = async (excluded) =>
        (await queue.list({ states: ['running'] })).length > 0 ? undefined : claim(excluded);

      await start();
      await reaches('in_review');

      const begun = events.filter(({ type }) => type === 'orchestration.run-started') as RunStarted[];
      expect(begun.map(({ issue }) => issue.number)).toEqual([8, 7]);
      await close();
    },
  );
});

/** Lets everything else go on that can, so many times over. */
async function rounds(times = 1): Promise<void> {
  for (let round = 0; round < 20 * times; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
