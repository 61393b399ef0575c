import { describe, expect, it } from '@jest/globals';

import type { ScriptStep } from '../../agents/index.js';
import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { issueKey } from '../../kernel/index.js';
import type { RunEnded, RunStarted } from '../index.js';

const JOB = issueKey(ISSUE);
const WAIT: ScriptStep = { do: 'wait-for-interrupt' };
const REST: readonly ScriptStep[] = [
  { do: 'write', path: 'a', content: 'b' },
  { do: 'stop', stop: 'end_turn' },
];

/** Starts, and resolves when the agent of the one issue is at work and waits. */
async function startWaiting(start: Start = {}) {
  const started = await startOrchestration({ script: { '*': { steps: [WAIT, ...REST] } }, ...start });
  started.tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  const running = started.next<RunStarted>('orchestration.run-started');
  await started.start();
  await running;
  return started;
}

describe('a run', () => {
  it('is stopped when its job is cancelled, and changes nothing more', async () => {
    const { tracker, deliveries, loop, next, queue, judge, close } = await startWaiting();
    const unassigned = anIssue({ assignees: [] });
    tracker.put(unassigned);
    const ended = next<RunEnded>('orchestration.run-ended');

    await deliveries.record(aDelivery(unassigned));
    loop.wake();

    expect(await ended).toMatchObject({ outcome: 'cancelled', reason: 'mosaic is no longer assigned.' });
    expect(await queue.find(JOB)).toMatchObject({ state: 'cancelled' });
    expect(judge.subjects).toEqual([]);
    await close();
  });

  it('keeps its lease for as long as it works', async () => {
    const { queue, clock, next, loop, reaches, close } = await startWaiting();

    for (let minute = 0; minute < 3; minute += 1) {
      clock.advance(10_000);
      const ticked = next('orchestration.loop-ticked');
      loop.wake();
      await ticked;
    }

    expect(await queue.find(JOB)).toMatchObject({ state: 'running', fencingToken: 1 });
    expect((await reaches('running')).lease?.endsAt).toBe(clock.now() + 30_000);
    await close();
  });

  it('stops when somebody else has its job, and moves nothing', async () => {
    const { queue, next, loop, close } = await startWaiting();
    await queue.reopenAbandoned(['this process'], 'taken away');
    const ended = next<RunEnded>('orchestration.run-ended');

    const again = next<RunStarted>('orchestration.run-started');
    loop.wake();

    expect((await ended).outcome).toBe('interrupted');
    expect((await again).isContinuation).toBe(true);
    expect((await queue.find(JOB))?.fencingToken).toBe(2);
    await close();
  });

  it('of a job that comes back to this process begins when the last one is over', async () => {
    const { queue, events, next, loop, close } = await startWaiting();
    await queue.reopenAbandoned(['this process'], 'taken away');
    const again = next<RunStarted>('orchestration.run-started');

    loop.wake();
    await again;

    const ends = events.map(({ type }) => type).filter((type) => /run-(started|ended)$/.test(type));
    expect(ends.map((type) => type.replace('orchestration.run-', ''))).toEqual(['started', 'ended', 'started']);
    await close();
  });

  it('stops by itself when its lease may have ended because the store cannot be reached', async () => {
    const { queue, clock, next, close } = await startWaiting();
    const ended = next<RunEnded>('orchestration.run-ended');
    queue.renew = () => Promise.reject(new Error('away'));

    for (let third = 0; third < 3; third += 1) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(await ended).toMatchObject({ outcome: 'interrupted', reason: 'Its lease was lost.' });
    await close();
  });

  it('stops by itself when its lease may have ended while the store does not answer', async () => {
    const { queue, clock, next, close } = await startWaiting();
    const ended = next<RunEnded>('orchestration.run-ended');
    const unanswered: ((isHeld: boolean) => void)[] = [];
    queue.renew = () => new Promise((resolve) => unanswered.push(resolve));

    for (let third = 0; third < 3; third += 1) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(await ended).toMatchObject({ outcome: 'interrupted', reason: 'Its lease was lost.' });
    queue.renew = () => Promise.resolve(false);
    for (const answer of unanswered) answer(false);
    await close();
  });

  it('is stopped when it takes too long, and tried again', async () => {
    const { clock, reaches, close } = await startWaiting({
      options: { limits: { runTimeoutMs: 20_000, turnTimeoutMs: 60_000_000 } },
    });

    clock.advance(20_000);

    expect((await reaches('retryable')).reason).toMatch(/^The run took longer than/);
    await close();
  });

  it('is stopped at shutdown, and its job is available for the next start with its session', async () => {
    const { queue, runs, close } = await startWaiting();
    const { session } = await runs.progress(JOB);

    await close();

    expect(await queue.find(JOB)).toMatchObject({
      state: 'available',
      lease: null,
      reason: 'The coordinator is shutting down. It goes on afterwards.',
    });
    expect((await runs.progress(JOB)).session).toEqual(session);
  });

  it('is not begun while the app shuts down', async () => {
    const { queue, loop, close } = await startWaiting();
    await close();

    loop.wake();
    await loop.idle();

    expect(await queue.find(JOB)).toMatchObject({ state: 'available' });
  });

  it('goes on where it was cut off, in the same session, with the next process', async () => {
    const first = await startWaiting();
    const { session } = await first.runs.progress(JOB);
    await first.stop();

    const second = await startOrchestration({ script: { '*': { steps: [WAIT, ...REST] } }, left: first });
    const started = second.next<RunStarted>('orchestration.run-started');
    const reviewed = second.reaches('in_review');
    await second.start();

    expect(await started).toMatchObject({ isContinuation: true });
    expect(await reviewed).toMatchObject({ fencingToken: 2 });
    expect((await second.runs.progress(JOB)).session).toEqual(session);
    await second.close();
  });
});
