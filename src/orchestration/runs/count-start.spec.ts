import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import type { ScriptStep } from '../../agents/index.js';
import { issueKey } from '../../kernel/index.js';
import { countStart } from './count-start.js';
import { RunInterruptedError } from '../orchestration.errors.js';
import { RunFailedError, type GateJudge, type JobProgress } from '../index.js';
import type { RunEnding } from './run-ending.js';
import { unstartedProgress } from '../doubles/unstarted-progress.js';

const JOB = issueKey(ISSUE);

/** The progress of a job, as a run of it sees it. */
class Scope {
  readonly saved: number[] = [];

  constructor(public progress: JobProgress) {}

  async save(changes: Partial<Omit<JobProgress, 'jobId'>>): Promise<void> {
    this.progress = { ...this.progress, ...changes };
    this.saved.push(this.progress.startsWithoutProgress);
  }
}

function scopeAfter(startsWithoutProgress: number): Scope {
  return new Scope({ ...unstartedProgress(JOB), startsWithoutProgress });
}

describe('countStart', () => {
  const IN_REVIEW: RunEnding = { outcome: 'in_review', reason: 'The gates passed' };

  it('counts a run while it is under way, and no more when it has ended', async () => {
    const scope = scopeAfter(2);

    const ending = await countStart(scope, 5, async () => IN_REVIEW);

    expect([ending, scope.saved]).toEqual([IN_REVIEW, [3, 0]]);
  });

  it('counts none that failed: the failure is counted', async () => {
    const scope = scopeAfter(2);

    const ending = await countStart(scope, 5, () => Promise.reject(new RunFailedError('agent', false, 'It broke')));

    expect([ending.reason, scope.saved]).toEqual(['It broke', [3, 0]]);
  });

  it('leaves what a run counted before it was shut down', async () => {
    const scope = scopeAfter(2);

    await countStart(scope, 5, () => Promise.reject(new RunInterruptedError('shutdown', 'Stopping')));

    expect(scope.saved).toEqual([3, 2]);
  });

  it('leaves nothing of what was counted before a run that made progress was shut down', async () => {
    const scope = scopeAfter(2);

    await countStart(scope, 5, async () => {
      await scope.save({ startsWithoutProgress: 0 });
      throw new RunInterruptedError('shutdown', 'Stopping');
    });

    expect(scope.saved).toEqual([3, 0, 0]);
  });

  it('lets a run end that can write nothing more', async () => {
    const scope = scopeAfter(0);

    const ending = await countStart(scope, 5, async () => {
      scope.save = () => Promise.reject(new Error('The lease is lost'));
      return IN_REVIEW;
    });

    expect(ending).toEqual(IN_REVIEW);
  });

  it('refuses to begin when too many in a row were cut off, and counts anew', async () => {
    const scope = scopeAfter(5);

    const start = countStart(scope, 5, async () => IN_REVIEW);

    await expect(start).rejects.toMatchObject({
      phase: 'agent',
      needsPerson: true,
      message: expect.stringMatching(/^Its last 5 runs were cut off/),
    });
    expect(scope.saved).toEqual([0]);
  });
});

describe('a job that is taken from run after run', () => {
  /** Lets runs begin, and cuts each off when `atWork` is published, until the job leaves their circle. */
  async function cutOff(atWork: string, start: Start) {
    const started = await startOrchestration({ ...start, options: { limits: { maxFailures: 3 }, ...start.options } });
    const { tracker, deliveries, queue, loop, next, events } = started;
    tracker.put(anIssue());
    await deliveries.record(aDelivery(anIssue()));
    const givenUp = started.reaches('needs_attention');
    let isOver = false;
    void givenUp.then(() => (isOver = true));
    let working = next(atWork);
    await started.start();
    for (;;) {
      await Promise.race([working, givenUp]);
      if (isOver) break;
      working = next(atWork);
      await queue.reopenAbandoned(['this process'], 'Its run was cut off');
      loop.wake();
    }
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    return { ...started, job: await givenUp, count };
  }

  it('is handed to a person when none of them came to judging anything', async () => {
    const script = { '*': { steps: Array.from({ length: 9 }, (): ScriptStep => ({ do: 'wait-for-interrupt' })) } };

    const { job, count, runs, close } = await cutOff('orchestration.run-started', { script });

    expect(job.reason).toMatch(/^Its last 3 runs were cut off before there was anything new to judge/);
    expect(count('orchestration.run-started')).toBe(3);
    expect((await runs.progress(JOB)).startsWithoutProgress).toBe(0);
    await close();
  });

  it('is handed to a person when judging the same work again and again ends them', async () => {
    const judge: GateJudge = {
      judge: ({ signal = new AbortController().signal }) =>
        new Promise((_, reject) => {
          const cutShort = (): void => reject(new Error('Cut off'));
          if (signal.aborted) cutShort();
          signal.addEventListener('abort', cutShort);
        }),
    };

    const { job, count, close } = await cutOff('orchestration.gates-started', {
      script: { '*': { steps: [{ do: 'write', path: 'work.txt', content: 'always the same' }] } },
      options: { judge, limits: { maxFailures: 3 } },
    });

    expect(job.reason).toMatch(/^Its last 3 runs were cut off/);
    expect(count('orchestration.gates-started')).toBe(4);
    await close();
  });
});
