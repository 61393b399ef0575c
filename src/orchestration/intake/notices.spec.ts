import { afterEach, describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Remains,
} from '../../../test/support/start-orchestration.js';
import { issueKey } from '../../kernel/index.js';
import type { TrackedIssue } from '../index.js';
import { readDetails } from '../job-details.js';

const VAGUE = anIssue({ title: 'x', body: '' });
const LARGE = anIssue({ body: anIssue().body.replace('20,000', '90,000') });
const GUESSED = anIssue({
  body: 'The list of tools is sorted by date, and people look for names. Please sort it by name.',
});

describe('Notices', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** With nothing that may be claimed, and a count of what is written to each comment. */
  async function start(left?: Remains) {
    const started = await startOrchestration({ profiles: [PROFILE], ...(left && { left }) });
    closings.push(() => started.close());
    const { tracker, deliveries, loop, queue, clock } = started;
    queue.claim = () => Promise.resolve(undefined);
    await started.start();
    await loop.idle();
    const writes: string[] = [];
    const ensureComment = tracker.ensureComment.bind(tracker);
    let isAway = false;
    tracker.ensureComment = async (ref, marker, body, only) => {
      if (isAway && only === 'standing') throw new Error('Gitea is away');
      if (marker !== 'status') writes.push(`${marker} ${only ?? 'any'}`);
      return ensureComment(ref, marker, body, only);
    };
    let updates = 0;
    return {
      ...started,
      writes,
      away: (away: boolean) => (isAway = away),
      see: async (issue: TrackedIssue) => {
        tracker.put(issue);
        updates += 1;
        await deliveries.record(aDelivery(issue, { updatedAt: new Date(updates * 1_000).toISOString() }));
        loop.wake();
        await loop.idle();
        return queue.find(issueKey(ISSUE));
      },
      sweep: async () => {
        clock.advance(3_600_000);
        loop.wake();
        await loop.idle();
      },
      kept: async () => readDetails((await queue.require(ISSUE)).details).notices,
    };
  }

  it('says of questions that they are settled once the text answers them, in their place and once', async () => {
    const { see, sweep, tracker, writes, kept } = await start();
    await see(VAGUE);
    const asked = tracker.comments(ISSUE).length;

    const job = await see(anIssue());
    await sweep();
    await sweep();

    expect(job).toMatchObject({ state: 'available' });
    expect(tracker.commentOf(ISSUE, 'questions')).toBe(
      'More was asked here about this issue. That is settled: nothing needs to be added.',
    );
    expect(tracker.comments(ISSUE)).toHaveLength(asked);
    expect(writes).toEqual(['questions any', 'questions standing']);
    expect(await kept()).toEqual([]);
  });

  it('says that an agent can take what none could', async () => {
    const { see, tracker } = await start();
    await see(LARGE);
    tracker.say(ISSUE, 'Smaller now');

    await see(anIssue());

    expect(tracker.commentOf(ISSUE, 'no-agent')).toMatch(/^No agent profile could take this issue\. That is settled/);
  });

  it('takes one reason back where another takes its place, and that one later', async () => {
    const { see, tracker } = await start();
    await see(VAGUE);

    await see(LARGE);
    const between = ['questions', 'no-agent'].map((marker) => tracker.commentOf(ISSUE, marker) ?? '');
    await see(VAGUE);

    expect(between).toEqual([expect.stringContaining('That is settled'), expect.stringContaining('would fit as')]);
    expect(tracker.commentOf(ISSUE, 'no-agent')).toContain('That is settled');
    expect(tracker.commentOf(ISSUE, 'questions')).toContain('says too little');
  });

  it('takes a guess back where the text leaves nothing to guess, and keeps it where the work is over', async () => {
    const { see, tracker } = await start();
    await see(GUESSED);
    await see({ ...GUESSED, assignees: [] });
    const cancelled = tracker.commentOf(ISSUE, 'guess');

    await see(anIssue());

    expect(cancelled).toContain('queued on a guess. Edit');
    expect(tracker.commentOf(ISSUE, 'guess')).toBe(
      'Work on this issue was queued on a guess, which does not count any more.',
    );
  });

  it.each([
    ['closed', { state: 'closed' as const }],
    ['taken from the bot', { assignees: [] }],
  ])('settles what an issue waited for that is %s', async (_, change) => {
    const { see, tracker } = await start();
    await see(VAGUE);

    const job = await see({ ...VAGUE, ...change });

    expect(job).toMatchObject({ state: 'cancelled' });
    expect(tracker.commentOf(ISSUE, 'questions')).toContain('That is settled');
  });

  it('settles a hidden blocker that is seen by now', async () => {
    const { see, tracker } = await start();
    await see(anIssue());
    await see(anIssue({ hiddenBlockers: 1 }));
    const held = tracker.commentOf(ISSUE, 'hidden-blockers');

    await see(anIssue({ title: 'Make it left', hiddenBlockers: 0 }));

    expect(held).toContain('blocked by 1 issue(s)');
    expect(tracker.commentOf(ISSUE, 'hidden-blockers')).toContain('That is settled');
  });

  it('is done later where it failed, also by another process', async () => {
    const first = await start();
    await first.see(VAGUE);
    first.away(true);
    await first.see(anIssue());
    await first.stop();
    const failed = first.tracker.commentOf(ISSUE, 'questions');
    first.away(false);

    const second = await start(first);
    await second.sweep();

    expect(first.events).toContainEqual(
      expect.objectContaining({ type: 'orchestration.write-back-failed', reason: 'Gitea is away' }),
    );
    expect(failed).toContain('says too little');
    expect(second.tracker.commentOf(ISSUE, 'questions')).toContain('That is settled');
    expect(await second.kept()).toEqual([]);
  });

  it('keeps what failed beside what was written', async () => {
    const { see, tracker, kept } = await start();
    await see(VAGUE);
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body, only) =>
      only === 'standing' && marker === 'questions'
        ? Promise.reject(new Error('locked'))
        : ensureComment(ref, marker, body, only);
    await see(LARGE);

    await see(anIssue());

    expect(await kept()).toEqual([{ marker: 'questions', isSo: false }]);
    expect(tracker.commentOf(ISSUE, 'no-agent')).toContain('That is settled');
  });

  it('makes no comment where somebody deleted the one that is over', async () => {
    const { see, tracker, writes } = await start();
    await see(VAGUE);
    tracker.forget(ISSUE);

    await see(anIssue());

    expect(writes).toContain('questions standing');
    expect(tracker.commentOf(ISSUE, 'questions')).toBeUndefined();
  });

  it('is no more asked for on an issue that was deleted', async () => {
    const { see, sweep, tracker, deliveries, loop, away, kept, events } = await start();
    await see(VAGUE);
    away(true);
    tracker.remove(ISSUE);
    await deliveries.record(aDelivery(VAGUE, { kind: 'issues', action: 'deleted' }));
    loop.wake();
    await loop.idle();
    await sweep();

    expect(await kept()).toEqual([]);
    expect(events.map(({ type }) => type)).not.toContain('orchestration.write-back-failed');
  });
});
