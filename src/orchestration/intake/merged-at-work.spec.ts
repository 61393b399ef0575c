import { afterEach, describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, PROFILE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions, InMemoryStarts } from '../../entitlement/index.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { JobMove, JobState } from '../../queue/index.js';
import { InMemoryPullRequests } from '../doubles/in-memory-pull-requests.js';
import { readDetails } from '../job-details.js';

const JOB = issueKey(ISSUE);
const ANN = { id: 1, login: 'ann' };
const PULL: IssueRef = { ...ISSUE, number: 1_001 };
const DEPENDANT: IssueRef = { ...ISSUE, number: 8 };
const BLOCKER: IssueRef = { ...ISSUE, number: 5 };

const ROADS: Readonly<Record<string, readonly JobState[]>> = {
  available: [],
  running: ['running'],
  retryable: ['running', 'retryable'],
  in_review: ['running', 'in_review'],
  needs_attention: ['running', 'needs_attention'],
};

describe('a pull request that is merged', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** A job with a pull request, and no review round; nothing is claimed but by the test. */
  async function begin(blockersFinished: 'closed' | 'merged' = 'closed') {
    const permissions = new InMemoryPermissions();
    permissions.grant(ISSUE, ANN, 'write');
    const entitlement = EntitlementService.alone({ permissions });
    const pullRequests = new InMemoryPullRequests();
    const starts = new InMemoryStarts();
    starts.begin(ISSUE, ANN);
    starts.begin(DEPENDANT, ANN);
    const app = await startOrchestration({
      profiles: [PROFILE],
      options: { entitlement, pullRequests, starts, blockersFinished },
    });
    closings.push(app.close);
    const { queue, runs, tracker, deliveries, loop, clock } = app;
    const claim = queue.claim.bind(queue);
    queue.claim = () => Promise.resolve(undefined);
    await app.start();
    const look = async () => {
      loop.wake();
      await loop.idle();
      return queue.require(ISSUE);
    };
    tracker.put(anIssue());
    await deliveries.record(aDelivery(anIssue(), { sender: 'ann' }));
    await look();
    await runs.note(JOB, { pullRequest: { number: PULL.number, url: 'http://memory/1001' } });
    return {
      ...app,
      starts,
      pullRequests,
      look,
      sweep: async () => {
        clock.advance(1_200_000);
        return look();
      },
      lead: async (states: readonly JobState[]) => {
        for (const to of states) {
          const from = (await queue.require(ISSUE)).state;
          const waitMs = Number.MAX_SAFE_INTEGER;
          await (to === 'running' ? claim() : queue.move({ jobId: JOB, from, to, reason: 'So.', waitMs }));
        }
      },
      merge: () => pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' }),
    };
  }

  it.each(Object.keys(ROADS))('completes a job that is %s, whether its issue is closed or not', async (state) => {
    for (const issueState of ['open', 'closed'] as const) {
      const { lead, merge, tracker, sweep, queue } = await begin();
      await lead(ROADS[state] ?? []);
      const { state: before } = await queue.require(ISSUE);
      merge();
      tracker.put(anIssue({ state: issueState }));

      const job = await sweep();

      expect([before, job.state, job.reason]).toEqual([state, 'completed', 'Pull request #1001 was merged by ann.']);
      expect((await sweep()).state).toBe('completed');
    }
  });

  it('completes a job that waits for another', async () => {
    const { merge, tracker, look, sweep, deliveries } = await begin();
    tracker.put(anIssue({ ref: BLOCKER, assignees: [] }));
    const blocked = anIssue({ blockedBy: [{ issue: BLOCKER, isFinished: false }] });
    tracker.put(blocked);
    await deliveries.record(aDelivery(blocked, { kind: 'issue_label', action: 'label_updated' }));
    const { state } = await look();
    merge();

    expect([state, (await sweep()).state]).toEqual(['pending', 'completed']);
  });

  it('stops the run that is at it', async () => {
    const { lead, merge, look, events, deliveries, queue } = await begin();
    await lead(['running']);
    const { fencingToken } = await queue.require(ISSUE);
    merge();
    await deliveries.record(aDelivery(anIssue({ ref: PULL }), { kind: 'pull_request', action: 'closed' }));

    expect((await look()).state).toBe('completed');
    expect(await queue.renew(JOB, fencingToken)).toBe(false);
    expect(events.filter(({ type }) => type === 'orchestration.tick-failed')).toEqual([]);
  });

  it('is no end of work whose issue the bot was taken off: that is cancelled', async () => {
    const { merge, tracker, sweep } = await begin();
    merge();
    tracker.put(anIssue({ assignees: [] }));

    expect((await sweep()).state).toBe('cancelled');
  });

  it('is left behind when the issue is given to the bot anew, before it was seen or after', async () => {
    const seen = await begin();
    seen.merge();
    await seen.sweep();
    seen.starts.begin(ISSUE, ANN);
    const unseen = await begin();
    unseen.merge();
    unseen.starts.begin(ISSUE, ANN);

    for (const { sweep, runs } of [seen, unseen]) {
      const states = [(await sweep()).state, (await sweep()).state];
      expect(states).toEqual(['available', 'available']);
      expect((await runs.progress(JOB)).pullRequest).toBeNull();
    }
  });

  it('does not end what waits for a word because somebody who may not opened the issue again', async () => {
    const { merge, sweep, starts, tracker, look, deliveries, runs } = await begin();
    merge();
    await sweep();
    starts.begin(ISSUE, { id: 9, login: 'eve' });
    const refused = await sweep();
    const later = await sweep();

    expect([refused.state, later.state]).toEqual(['needs_attention', 'needs_attention']);

    // Comments and starts are of one count.
    for (const said of ['So?', 'When?', '/mosaic retry']) tracker.say(ISSUE, said, 'ann');
    await deliveries.record(aDelivery(anIssue(), { kind: 'issue_comment', action: 'created', sender: 'ann' }));
    expect((await look()).state).toBe('available');
    expect((await runs.progress(JOB)).pullRequest).toBeNull();
  });

  it('does not keep new work from beginning that was cut off before its job was moved', async () => {
    const { merge, sweep, starts, queue } = await begin();
    merge();
    await sweep();
    starts.begin(ISSUE, ANN);
    const move = queue.move.bind(queue);
    queue.move = () => Promise.reject(new Error('killed'));
    const cutOff = await sweep();
    queue.move = move;

    expect([cutOff.state, (await sweep()).state]).toEqual(['completed', 'available']);
  });

  it('does not keep what was ordered from beginning that was cut off before its job was moved', async () => {
    const { sweep, look, tracker, deliveries, queue } = await begin();
    await queue.move({ jobId: JOB, from: 'available', to: 'cancelled', reason: 'ann said so' });
    await sweep();
    tracker.say(ISSUE, '/mosaic retry', 'ann');
    const move = queue.move.bind(queue);
    queue.move = () => Promise.reject(new Error('killed'));
    await deliveries.record(aDelivery(anIssue(), { kind: 'issue_comment', action: 'created', sender: 'ann' }));
    const cutOff = await look();
    queue.move = move;
    const again = await look();

    expect([cutOff.state, again.state]).toEqual(['cancelled', 'available']);
    expect(readDetails(again.details).orders.retry).toBeNull();
  });

  it('alone frees what waits for the issue where that is asked for, at no moment its being closed', async () => {
    const { lead, merge, tracker, sweep, deliveries, look, queue } = await begin('merged');
    const dependant = anIssue({ ref: DEPENDANT, blockedBy: [{ issue: ISSUE, isFinished: false }] });
    tracker.put(dependant);
    await deliveries.record(aDelivery(dependant, { sender: 'ann' }));
    await look();
    await lead(ROADS['in_review'] ?? []);
    const move = queue.move.bind(queue);
    const afterMoves: (string | undefined)[] = [];
    queue.move = async (given: JobMove) => {
      const change = await move(given);
      afterMoves.push((await queue.find(issueKey(DEPENDANT)))?.state);
      return change;
    };
    tracker.put(anIssue({ state: 'closed' }));
    tracker.put({ ...dependant, blockedBy: [{ issue: ISSUE, isFinished: true }] });

    const closed = await sweep();
    const { state: held } = await queue.require(DEPENDANT);
    merge();
    await sweep();

    expect([closed.state, afterMoves, held]).toEqual(['completed', ['pending'], 'pending']);
    expect((await queue.require(DEPENDANT)).state).toBe('available');
  });
});
