import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { formatIssueRef, issueKey, type IssueRef } from '../../kernel/index.js';
import { BlindIssueTracker } from '../ports/blind-issue-tracker.js';
import type { TrackedIssue } from '../index.js';

const JOB = issueKey(ISSUE);
const OTHER: IssueRef = { owner: 'acme', repo: 'tools', number: 3 };

/** Starts with nothing that may be claimed, so that what intake does can be looked at. */
async function startIntake(start: Start = {}) {
  const started = await startOrchestration({ profiles: [PROFILE], ...start });
  started.queue.claim = () => Promise.resolve(undefined);
  await started.start();
  await started.loop.idle();
  const { deliveries, loop, tracker, queue } = started;
  return {
    ...started,
    /** Makes the issue be so, delivers that, and resolves when intake has looked. */
    see: async (issue: TrackedIssue, given: Parameters<typeof aDelivery>[1] = {}) => {
      tracker.put(issue);
      await deliveries.record(aDelivery(issue, given));
      loop.wake();
      await loop.idle();
      return queue.find(issueKey(issue.ref));
    },
  };
}

describe('intake', () => {
  it('queues an issue that is assigned to the bot, whatever the case of its name', async () => {
    const { see, close } = await startIntake();

    const job = await see(anIssue({ assignees: ['ada', 'MOSAIC'], labels: ['priority/high'] }));

    expect(job).toMatchObject({ state: 'available', profile: 'scripted', priority: 300 });
    await close();
  });

  it('lets wait what a delivery tells that names nobody, where no tracker can be asked', async () => {
    const { see, close } = await startIntake({ options: { tracker: new BlindIssueTracker() } });

    expect(await see(anIssue(), { sender: '' })).toMatchObject({ state: 'needs_attention' });
    await close();
  });

  it('does nothing about an issue that is not assigned to the bot', async () => {
    const { see, close } = await startIntake();

    expect(await see(anIssue({ assignees: ['ada'] }))).toBeUndefined();
    await close();
  });

  it('settles what it acted upon, and ends in the same state when it is delivered again', async () => {
    const { see, deliveries, queue, close } = await startIntake();
    const first = await see(anIssue());

    const again = await see(anIssue(), { id: 'replayed' });

    expect(again).toEqual(first);
    expect(await deliveries.unsettled(10)).toEqual([]);
    expect(await queue.history(JOB)).toHaveLength(1);
    await close();
  });

  it('keeps a delivery for the next tick when its issue cannot be read', async () => {
    const { see, tracker, deliveries, loop, queue, close } = await startIntake();
    const readIssue = tracker.readIssue.bind(tracker);
    tracker.readIssue = () => Promise.reject(new Error('away'));
    await see(anIssue());
    const kept = await deliveries.unsettled(10);

    tracker.readIssue = readIssue;
    loop.wake();
    await loop.idle();

    expect(kept).toHaveLength(1);
    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
    await close();
  });

  it('keeps of an issue that cannot be read the newest delivery alone, so that those of others find room', async () => {
    const { see, tracker, deliveries, close } = await startIntake();
    tracker.readIssue = () => Promise.reject(new Error('away'));
    await see(anIssue(), { id: 'newer', updatedAt: '2026-01-02T00:00:00Z' });

    await see(anIssue(), { id: 'older', updatedAt: '2026-01-01T00:00:00Z' });

    expect((await deliveries.unsettled(10)).map(({ id }) => id)).toEqual(['newer']);
    await close();
  });

  it('shows that it lives while it has much to do', async () => {
    const { clock, deliveries, loop, tracker, close } = await startIntake();
    const readIssue = tracker.readIssue.bind(tracker);
    const silences: (number | null)[] = [];
    tracker.readIssue = (ref) => {
      silences.push(loop.sinceLastTickMs);
      clock.advance(50_000);
      return readIssue(ref);
    };
    for (const number of [1, 2, 3]) await deliveries.record(aDelivery(anIssue({ ref: { ...ISSUE, number } })));

    loop.wake();
    await loop.idle();

    expect(silences).toEqual([0, 0, 0]);
    await close();
  });

  it('leaves at shutdown what it did not come to for the next start', async () => {
    const { clock, deliveries, loop, tracker, close } = await startIntake();
    const reading = new Promise<void>((resolve) => {
      tracker.readIssue = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    for (const number of [1, 2]) await deliveries.record(aDelivery(anIssue({ ref: { ...ISSUE, number } })));
    loop.wake();
    await reading;

    const closed = close();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);

    await closed;
    expect(await deliveries.unsettled(10)).toHaveLength(2);
  });

  it('begins with no further issue once the app shuts down', async () => {
    const { deliveries, loop, tracker, close } = await startIntake();
    const readIssue = tracker.readIssue.bind(tracker);
    const stopping: Promise<void>[] = [];
    tracker.readIssue = (ref) => {
      stopping.push(loop.beforeApplicationShutdown());
      return readIssue(ref);
    };
    for (const number of [1, 2]) await deliveries.record(aDelivery(anIssue({ ref: { ...ISSUE, number } })));

    loop.wake();
    await loop.idle();
    await Promise.all(stopping);
    await close();

    expect(await deliveries.unsettled(10)).toHaveLength(1);
  });

  it('does not read an issue for what the bot itself wrote on it', async () => {
    const { see, close } = await startIntake();

    expect(await see(anIssue(), { kind: 'issue_comment', action: 'created', sender: 'Mosaic' })).toBeUndefined();
    await close();
  });

  it('cancels the job of an issue that is unassigned, closed or deleted', async () => {
    const { see, tracker, deliveries, loop, queue, close } = await startIntake();
    await see(anIssue());
    const unassigned = await see(anIssue({ assignees: [] }));
    await see(anIssue());
    const closed = await see(anIssue({ state: 'closed' }));
    await see(anIssue());
    tracker.remove(ISSUE);
    await deliveries.record(aDelivery(anIssue(), { action: 'deleted' }));
    loop.wake();
    await loop.idle();

    const deleted = await queue.find(JOB);

    expect([unassigned, closed, deleted].map((job) => [job?.state, job?.reason])).toEqual([
      ['cancelled', 'mosaic is no longer assigned.'],
      ['cancelled', 'Its issue was closed.'],
      ['cancelled', 'Its issue was deleted, or the bot may not see it any more.'],
    ]);
    await close();
  });

  it('gives an issue that is assigned again a fresh start', async () => {
    const { see, runs, queue, close } = await startIntake();
    await see(anIssue());
    await runs.save(JOB, (await queue.require(ISSUE)).fencingToken, { rejections: 4, branch: 'coordinator/7-x' });
    await see(anIssue({ assignees: [] }));

    const job = await see(anIssue());

    expect(job).toMatchObject({ state: 'available', failures: 0 });
    expect(await runs.progress(JOB)).toMatchObject({ rejections: 0, branch: 'coordinator/7-x' });
    await close();
  });

  it('asks on the issue for what is missing, and queues it once the text says it', async () => {
    const { see, tracker, close } = await startIntake();

    const vague = await see(anIssue({ title: 'x', body: '' }));
    const questions = tracker.commentOf(ISSUE, 'questions');
    const clear = await see(anIssue(), { updatedAt: '2026-01-02T00:00:00Z' });

    expect(vague).toMatchObject({ state: 'needs_attention' });
    expect(questions).toContain('says too little');
    expect(clear).toMatchObject({ state: 'available' });
    await close();
  });

  it('gives an edited job its fresh start though it was cut off in the middle of that', async () => {
    const { see, queue, loop, close } = await startIntake();
    await see(anIssue({ title: 'x', body: '' }));
    const move = queue.move.bind(queue);
    queue.move = () => Promise.reject(new Error('killed'));
    const cutOff = await see(anIssue(), { updatedAt: '2026-01-02T00:00:00Z' });

    queue.move = move;
    loop.wake();
    await loop.idle();

    expect(cutOff).toMatchObject({ state: 'needs_attention' });
    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
    await close();
  });

  it('asks for what is missing though it was cut off before', async () => {
    const { see, queue, tracker, loop, close } = await startIntake();
    const move = queue.move.bind(queue);
    queue.move = () => Promise.reject(new Error('killed'));
    await see(anIssue({ title: 'x', body: '' }));

    queue.move = move;
    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'needs_attention' });
    expect(tracker.commentOf(ISSUE, 'questions')).toContain('says too little');
    await close();
  });

  it('forgets the session of a job whose text was edited before it went on', async () => {
    const { see, runs, queue, close } = await startIntake();
    await see(anIssue());
    const { fencingToken } = await queue.require(ISSUE);
    await runs.save(JOB, fencingToken, { session: { runtime: 'scripted', id: 's' }, rejections: 2 });

    const job = await see(anIssue({ title: 'Make it left' }), { updatedAt: '2026-01-02T00:00:00Z' });

    expect(job).toMatchObject({ state: 'available', title: 'Make it left' });
    expect(await runs.progress(JOB)).toMatchObject({ session: null, rejections: 0 });
    await close();
  });

  it('shows its guess on the issue when it is not sure', async () => {
    const { see, tracker, close } = await startIntake();

    const job = await see(
      anIssue({ body: 'The list of tools is sorted by date, and people look for names. Please sort it by name.' }),
    );

    expect(job).toMatchObject({ state: 'available' });
    expect(tracker.commentOf(ISSUE, 'guess')).toContain('queued on a guess');
    await close();
  });

  it('says on the issue why no agent can take it', async () => {
    const { see, tracker, close } = await startIntake({ profiles: [{ ...PROFILE, windowTokens: 120_000 }] });

    const job = await see(anIssue());

    expect(job).toMatchObject({ state: 'needs_attention', profile: '' });
    expect(tracker.commentOf(ISSUE, 'no-agent')).toMatch(/scripted: [^]*It would fit as 2 issues/);
    await close();
  });

  it('lets an issue wait for what blocks it by a link, and frees it when that is closed', async () => {
    const { see, close, queue } = await startIntake();
    const blocked = await see(anIssue({ blockedBy: [{ issue: OTHER, isFinished: false }] }));

    await see(anIssue({ ref: OTHER, assignees: [], state: 'closed' }));

    expect(blocked).toMatchObject({ state: 'pending' });
    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
    await close();
  });

  it('hands an issue to a person whose blockers the bot may not see, new or known', async () => {
    const { see, tracker, close } = await startIntake();
    const other = anIssue({ ref: OTHER });
    await see(other);

    const unseen = await see(anIssue({ hiddenBlockers: 1 }));
    const refreshed = await see({ ...other, hiddenBlockers: 2 });

    expect([unseen?.state, refreshed?.state]).toEqual(['needs_attention', 'needs_attention']);
    expect(tracker.commentOf(ISSUE, 'hidden-blockers')).toContain('1 issue(s) that the bot may not see');
    await close();
  });

  it('lets an issue wait for what blocks it by its text, and asks whether that is finished', async () => {
    const { see, tracker, close } = await startIntake();
    const body = `${anIssue().body}\n## Dependencies\n- Blocked by: #3, #4, #7\n`;
    tracker.put(anIssue({ ref: OTHER, state: 'closed' }));

    const job = await see(anIssue({ body }));

    expect(job?.blockers).toEqual([
      { issue: OTHER, isFinished: true },
      { issue: { ...OTHER, number: 4 }, isFinished: false },
    ]);
    await close();
  });

  it('lets an issue wait that another one says it blocks, whichever is seen first', async () => {
    const { see, queue, close } = await startIntake();
    const blocker = anIssue({ ref: OTHER, body: `${anIssue().body}\n## Dependencies\n- Blocks: #7, #8\n` });
    const later = anIssue({ ref: { ...ISSUE, number: 8 } });
    await see(anIssue());

    await see(blocker);
    await see(later);

    const states = await Promise.all([JOB, issueKey(later.ref)].map((id) => queue.find(id)));
    expect(states.map((job) => [job?.state, job?.blockers.map(({ issue }) => formatIssueRef(issue))])).toEqual([
      ['pending', ['acme/tools#3']],
      ['pending', ['acme/tools#3']],
    ]);
    await close();
  });

  it('tells what another issue blocks though it was cut off before', async () => {
    const { see, queue, loop, close } = await startIntake();
    const blocker = anIssue({ ref: OTHER, body: `${anIssue().body}\n## Dependencies\n- Blocks: #7\n` });
    await see(anIssue());
    const find = queue.find.bind(queue);
    queue.find = (jobId) => (jobId === JOB ? Promise.reject(new Error('killed')) : find(jobId));
    await see(blocker);

    queue.find = find;
    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'pending' });
    await close();
  });

  it('refreshes priority and blockers of a job that waits, without parsing again', async () => {
    const { see, seen, close } = await startIntake();
    await see(anIssue());

    const job = await see(anIssue({ labels: ['priority/low'], blockedBy: [{ issue: OTHER, isFinished: false }] }));

    expect(job).toMatchObject({ state: 'pending', priority: 100 });
    expect(seen().filter((type) => type === 'issue-parsed')).toHaveLength(1);
    await close();
  });
});

describe('the sweep', () => {
  it('finds what no webhook told: assigned issues, jobs whose issue changed, finished blockers', async () => {
    const { tracker, clock, loop, queue, see, close } = await startIntake();
    const forgotten = anIssue({ ref: { ...ISSUE, number: 9 }, blockedBy: [] });
    const body = `${anIssue().body}\n## Dependencies\n- Blocked by: #3\n`;
    await see(anIssue({ body }));
    tracker.put(forgotten);
    tracker.put(anIssue({ ref: OTHER, state: 'closed', assignees: [] }));

    clock.advance(300_000);
    loop.wake();
    await loop.idle();

    expect((await queue.find(issueKey(forgotten.ref)))?.state).toBe('available');
    expect((await queue.find(JOB))?.state).toBe('available');
    await close();
  });

  it('changes nothing where the tracker cannot name all assigned issues', async () => {
    const { tracker, clock, loop, queue, events, see, close } = await startIntake();
    await see(anIssue());
    tracker.assignedIssues = () => Promise.reject(new Error('away'));
    tracker.remove(ISSUE);

    clock.advance(300_000);
    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
    expect(events).toContainEqual({ type: 'orchestration.tick-failed', part: 'sweep', reason: 'away' });
    await close();
  });
});

describe('intake without a tracker that can be asked', () => {
  it('believes the newest delivery, and no older one that comes later', async () => {
    const { see, deliveries, loop, queue, close } = await startIntake({
      options: { tracker: new BlindIssueTracker() },
    });
    await see(anIssue(), { updatedAt: '2026-01-01T00:00:00Z' });
    await see(anIssue({ assignees: [] }), { updatedAt: '2026-01-03T00:00:00Z' });

    await deliveries.record(aDelivery(anIssue(), { updatedAt: '2026-01-02T00:00:00Z', id: 'replayed late' }));
    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'cancelled' });
    await close();
  });

  it('waits for blockers it knows nothing of, and for none that its own queue completed', async () => {
    const { see, queue, close } = await startIntake({ options: { tracker: new BlindIssueTracker() } });
    const body = `${anIssue().body}\n## Dependencies\n- Blocked by: #3\n`;
    const before = await see(anIssue({ body }));
    await see(anIssue({ ref: OTHER }));

    await queue.move({ jobId: issueKey(OTHER), from: 'available', to: 'completed', reason: 'done' });

    expect(before?.state).toBe('pending');
    expect((await queue.find(JOB))?.state).toBe('available');
    await close();
  });

  it('cancels what was deleted', async () => {
    const { see, close } = await startIntake({ options: { tracker: new BlindIssueTracker() } });
    await see(anIssue());

    const job = await see(anIssue(), { kind: 'issues', action: 'deleted', updatedAt: '2026-01-02T00:00:00Z' });

    expect(job).toMatchObject({ state: 'cancelled' });
    await close();
  });

  it('takes several deliveries of one issue for the newest of them', async () => {
    const { deliveries, loop, queue, close } = await startIntake({ options: { tracker: new BlindIssueTracker() } });
    await deliveries.record(aDelivery(anIssue(), { updatedAt: '2026-01-02T00:00:00Z' }));
    await deliveries.record(aDelivery(anIssue({ assignees: [] }), { updatedAt: '2026-01-01T00:00:00Z' }));
    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
    await close();
  });
});
