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

  it.each(['quickly', 'slowly'])(
    'begins with the most urgent of all that was delivered, what was left being found %s',
    async (pace) => {
      const { queue, deliveries, events, start, reaches, close } = await startWith(
        anIssue(),
        anIssue({ ref: LATER, labels: ['priority/high'] }),
      );
      const claim = queue.claim.bind(queue);
      const promoteDue = queue.promoteDue.bind(queue);
      const list = deliveries.unsettled.bind(deliveries);
      let isListed = (): void => undefined;
      const listed = new Promise<void>((resolve) => (isListed = resolve));
      deliveries.unsettled = async (limit) => {
        setImmediate(isListed);
        return list(limit);
      };
      queue.promoteDue = async () => {
        if (pace === 'slowly') await listed;
        return promoteDue();
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
