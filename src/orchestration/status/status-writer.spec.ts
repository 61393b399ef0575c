import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { InMemoryIssueTracker, type WorkPublished, type WriteBackFailed } from '../index.js';

async function startWithIssue(tracker: InMemoryIssueTracker) {
  const started = await startOrchestration({ options: { tracker } });
  tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  return started;
}

describe('StatusWriter', () => {
  it('tells that writing failed, and writes at the next tick', async () => {
    const tracker = new InMemoryIssueTracker();
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body) =>
      marker === 'status' ? Promise.reject(new Error('away')) : ensureComment(ref, marker, body);
    const { start, next, reaches, loop, close } = await startWithIssue(tracker);
    const failed = next<WriteBackFailed>('orchestration.write-back-failed');
    const reviewed = reaches('in_review');
    await start();
    await reviewed;
    const failure = await failed;

    tracker.ensureComment = ensureComment;
    loop.wake();
    await close();

    expect(failure).toMatchObject({ issue: ISSUE, reason: 'away' });
    expect(tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it('names a circle on all issues that are in it, though the last of them closed it', async () => {
    const tracker = new InMemoryIssueTracker();
    const other = { ...ISSUE, number: 8 };
    const first = anIssue({ blockedBy: [{ issue: other, isFinished: false }] });
    const second = anIssue({ ref: other, blockedBy: [{ issue: ISSUE, isFinished: false }] });
    const { start, reaches, deliveries, loop, close } = await startOrchestration({ options: { tracker } });
    tracker.put(first);
    tracker.put(second);
    await deliveries.record(aDelivery(first));
    const waits = reaches('pending');
    await start();
    await waits;

    await deliveries.record(aDelivery(second));
    loop.wake();
    await reaches('pending', other);
    await close();

    for (const ref of [ISSUE, other]) expect(tracker.commentOf(ref, 'status')).toContain('Waits in a circle');
  });

  it('says what became of a blocker, though the job that waits for it did not move', async () => {
    const tracker = new InMemoryIssueTracker();
    const other = { ...ISSUE, number: 8 };
    const second = anIssue({ ref: other, blockedBy: [{ issue: ISSUE, isFinished: false }] });
    const script = { '*': { steps: [{ do: 'wait-for-interrupt' as const }] } };
    const { start, reaches, deliveries, loop, next, close } = await startOrchestration({
      script,
      options: { tracker },
    });
    tracker.put(anIssue());
    tracker.put(second);
    for (const issue of [anIssue(), second]) await deliveries.record(aDelivery(issue));
    await start();
    await reaches('running');
    await reaches('pending', other);
    const unassigned = anIssue({ assignees: [] });
    tracker.put(unassigned);
    await deliveries.record(aDelivery(unassigned));

    loop.wake();
    await reaches('cancelled');
    await next('orchestration.run-ended');
    await close();

    expect(tracker.commentOf(other, 'status')).toContain('Waits for acme/tools#7 (is no longer with the bot).');
  });

  it('says that a job waits for fewer or for others', async () => {
    const tracker = new InMemoryIssueTracker();
    const blockers = [8, 9].map((number) => ({ issue: { ...ISSUE, number }, isFinished: false }));
    const { start, reaches, deliveries, loop, close, next } = await startOrchestration({ options: { tracker } });
    tracker.put(anIssue({ blockedBy: blockers }));
    await deliveries.record(aDelivery(anIssue()));
    await start();
    await reaches('pending');
    await loop.idle();
    tracker.put(anIssue({ blockedBy: blockers.slice(1) }));
    await deliveries.record(aDelivery(anIssue(), { kind: 'issues', action: 'edited' }));

    const ticked = next('orchestration.loop-ticked');
    loop.wake();
    await ticked;
    await close();

    expect(tracker.commentOf(ISSUE, 'status')).toContain('Waits for acme/tools#9 (is not with the bot).');
  });

  it('writes nothing where nothing can be written', async () => {
    const tracker = Object.assign(new InMemoryIssueTracker(), { canWrite: false });
    const { start, reaches, runs, close } = await startWithIssue(tracker);
    const reviewed = reaches('in_review');
    await start();

    const job = await reviewed;

    expect(job.reason).toContain("branch coordinator/7-work of the coordinator's mirror");
    expect((await runs.progress(job.id)).pullRequest).toBeNull();
    await close();
    expect(tracker.commentOf(ISSUE, 'status')).toBeUndefined();
  });

  it('tells that the store could not be read, and writes at the next tick', async () => {
    const tracker = new InMemoryIssueTracker();
    const { start, next, reaches, bus, queue, loop, close } = await startWithIssue(tracker);
    const reviewed = reaches('in_review');
    await start();
    await reviewed;
    const find = queue.find.bind(queue);
    queue.find = () => Promise.reject(new Error('the store is away'));
    const failed = next<WriteBackFailed>('orchestration.write-back-failed');
    bus.publish({ type: 'orchestration.work-published', issue: ISSUE } as object as WorkPublished);
    const failure = await failed;

    queue.find = find;
    loop.wake();
    await close();

    expect(failure).toMatchObject({ issue: ISSUE, reason: 'the store is away' });
    expect(tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it('gives up on an issue that was deleted', async () => {
    const tracker = new InMemoryIssueTracker();
    const { start, reaches, bus, events, loop, close } = await startWithIssue(tracker);
    const reviewed = reaches('in_review');
    await start();
    await reviewed;
    await loop.idle();
    tracker.remove(ISSUE);
    tracker.ensureStateLabel = () => Promise.reject(new Error('there is no such issue'));

    bus.publish({ type: 'orchestration.work-published', issue: ISSUE } as object as WorkPublished);
    await close();

    expect(events.filter(({ type }) => type === 'orchestration.write-back-failed')).toEqual([]);
  });

  it('brings up to date at start what the process before could not write any more', async () => {
    const tracker = new InMemoryIssueTracker();
    const first = await startWithIssue(tracker);
    const reviewed = first.reaches('in_review');
    await first.start();
    await reviewed;
    await first.stop();
    await tracker.ensureComment(ISSUE, 'status', 'An agent is working on it');

    const second = await startOrchestration({ left: first, options: { tracker } });
    await second.start();
    await second.close();

    expect(tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it.each([
    ['within a day', 86_400_000, true],
    ['longer ago', 86_400_001, false],
  ])('brings up to date at start what ended %s', async (_, ago, isWritten) => {
    const tracker = new InMemoryIssueTracker();
    const first = await startWithIssue(tracker);
    const reviewed = first.reaches('in_review');
    await first.start();
    await reviewed;
    await first.queue.move({ jobId: 'acme/tools#7', from: 'in_review', to: 'completed', reason: 'It was merged.' });
    tracker.put(anIssue({ state: 'closed' }));
    await first.stop();
    await tracker.ensureComment(ISSUE, 'status', 'Ready for review');
    first.clock.advance(ago);

    const second = await startOrchestration({ left: first, options: { tracker } });
    await second.start();
    await second.close();

    expect(tracker.commentOf(ISSUE, 'status')?.includes('It was merged')).toBe(isWritten);
  });
});
