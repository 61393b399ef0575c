import { afterEach, describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Remains,
} from '../../../test/support/start-orchestration.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { TrackedIssue } from '../index.js';

const [ONE, TWO, THREE] = [1, 2, 3].map((number): IssueRef => ({ ...ISSUE, number })) as [IssueRef, IssueRef, IssueRef];

/** Assigned to the bot, and blocked by another. */
function waiting(ref: IssueRef, ...blockers: readonly IssueRef[]): TrackedIssue {
  return anIssue({ ref, blockedBy: blockers.map((issue) => ({ issue, isFinished: false })) });
}

describe('CircleNotices', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  async function start(given: Parameters<typeof startOrchestration>[0] = {}) {
    const started = await startOrchestration({ profiles: [PROFILE], ...given });
    closings.push(() => started.close());
    const { queue, tracker, deliveries, loop, clock } = started;
    queue.claim = () => Promise.resolve(undefined);
    await started.start();
    await loop.idle();
    const ensured: string[] = [];
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body) => {
      if (marker === 'circle') ensured.push(issueKey(ref));
      return ensureComment(ref, marker, body);
    };
    return {
      ...started,
      /** How often the tracker was told, by issue. */
      ensured,
      see: async (...issues: readonly TrackedIssue[]) => {
        for (const issue of issues) {
          tracker.put(issue);
          await deliveries.record(aDelivery(issue));
        }
        loop.wake();
        await loop.idle();
      },
      sweep: async () => {
        clock.advance(3_600_000);
        loop.wake();
        await loop.idle();
      },
      named: (ref: IssueRef) => tracker.commentOf(ref, 'circle'),
    };
  }

  it('names a circle of three on each of its issues, once', async () => {
    const { see, sweep, named, ensured } = await start();

    await see(waiting(ONE, TWO), waiting(TWO, THREE), waiting(THREE, ONE));
    await sweep();
    await see(waiting(ONE, TWO));

    expect(named(ONE)).toContain('acme/tools#1 → acme/tools#2 → acme/tools#3 → acme/tools#1');
    expect(named(TWO)).toContain('acme/tools#2 → acme/tools#3 → acme/tools#1 → acme/tools#2');
    expect(named(THREE)).toContain('acme/tools#3 → acme/tools#1 → acme/tools#2 → acme/tools#3');
    expect([...ensured].sort()).toEqual([ONE, TWO, THREE].map(issueKey));
  });

  it('says on each issue that the circle is broken, when it is', async () => {
    const { see, named, events, queue } = await start();
    await see(waiting(ONE, TWO), waiting(TWO, THREE), waiting(THREE, ONE));

    await see(waiting(THREE));

    expect([ONE, TWO, THREE].map(named)).toEqual(Array(3).fill(expect.stringContaining('is broken')));
    expect(await queue.require(THREE)).toMatchObject({ state: 'available' });
    expect(events.filter(({ type }) => type === 'orchestration.circle-named')).toHaveLength(6);
  });

  it('leads the way through issues that the bot does not work on, and names it there too', async () => {
    const { see, sweep, named, tracker } = await start();
    tracker.put({ ...waiting(TWO, THREE), assignees: ['ada'] });
    tracker.put({ ...waiting(THREE, ONE), assignees: [] });
    await see(waiting(ONE, TWO));

    await sweep();
    const first = [ONE, TWO, THREE].map((ref) => named(ref) !== undefined);
    tracker.put({ ...waiting(THREE), assignees: [] });
    await sweep();

    expect(first).toEqual([true, true, true]);
    expect([ONE, TWO, THREE].map(named)).toEqual(Array(3).fill(expect.stringContaining('is broken')));
  });

  it('follows closed issues no further, and hangs nobody who waits behind nothing', async () => {
    const { see, sweep, named, tracker } = await start();
    tracker.put({ ...waiting(TWO, ONE), assignees: ['ada'], state: 'closed' });

    await see(waiting(ONE, TWO, THREE));
    await sweep();

    expect(named(ONE)).toBeUndefined();
  });

  it('takes back after a restart what it named before', async () => {
    const before = await start();
    await before.see(waiting(ONE, TWO), waiting(TWO, THREE), waiting(THREE, ONE));
    const { tracker, queue, clock, bus, deliveries, workspaces, runs } = before;
    await before.close();
    tracker.put(waiting(THREE));

    const left: Remains = { tracker, queue, clock, bus, deliveries, workspaces, runs };
    const { sweep, named } = await start({ left });
    await sweep();

    expect([ONE, TWO, THREE].map(named)).toEqual(Array(3).fill(expect.stringContaining('is broken')));
  });

  it('does not forget over a restart whom it could not tell that the circle is broken', async () => {
    const before = await start();
    await before.see(waiting(ONE, TWO), waiting(TWO, THREE), waiting(THREE, ONE));
    const { tracker, queue, clock, bus, deliveries, workspaces, runs } = before;
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = () => Promise.reject(new Error('away'));
    await before.see(waiting(THREE));
    await before.close();
    tracker.ensureComment = ensureComment;

    const left: Remains = { tracker, queue, clock, bus, deliveries, workspaces, runs };
    const { sweep, named } = await start({ left });
    await sweep();

    expect([ONE, TWO, THREE].map(named)).toEqual(Array(3).fill(expect.stringContaining('is broken')));
  });

  it('tells again what could not be written', async () => {
    const { see, sweep, named, tracker, events } = await start();
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = () => Promise.reject(new Error('away'));
    await see(waiting(ONE, TWO), waiting(TWO, ONE));
    tracker.ensureComment = ensureComment;
    await sweep();
    const first = named(ONE);

    tracker.ensureComment = (ref, marker, body) =>
      marker === 'circle' && ref.number === 1 ? Promise.reject(new Error('away')) : ensureComment(ref, marker, body);
    await see(waiting(TWO));
    const second = named(ONE);
    tracker.ensureComment = ensureComment;
    await sweep();

    expect(first).toContain('waits in a circle');
    expect(second).toContain('waits in a circle');
    expect(named(ONE)).toContain('is broken');
    expect(events.filter(({ type }) => type === 'orchestration.write-back-failed').length).toBeGreaterThan(0);
  });

  it('takes nothing back at a restart of a circle through others', async () => {
    const before = await start();
    const { tracker, queue, clock, bus, deliveries, workspaces, runs } = before;
    tracker.put(anIssue({ ref: TWO, assignees: [], blockedBy: [{ issue: ONE, isFinished: false }] }));
    await before.see(waiting(ONE, TWO));
    await before.sweep();
    await before.close();
    await deliveries.record(aDelivery(waiting(ONE, TWO)));
    const texts: string[] = [];
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body) => {
      texts.push(body);
      return ensureComment(ref, marker, body);
    };

    await start({ left: { tracker, queue, clock, bus, deliveries, workspaces, runs } });

    expect(texts.filter((text) => text.includes('is broken'))).toEqual([]);
  });
});
