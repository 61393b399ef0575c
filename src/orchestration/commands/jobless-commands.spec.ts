import { afterEach, describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Remains,
} from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import type { TrackedIssue } from '../index.js';
import { joblessAnswer } from './jobless-answer.js';
import { readCommands } from './read-command.js';

const FREE = anIssue({ assignees: ['ada'] });

describe('A command on an issue without a job', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** Everybody but `eve` may steer work. */
  async function start(issue: TrackedIssue = FREE, left?: Remains) {
    const permissions = new InMemoryPermissions();
    permissions.grant(ISSUE, { id: 1, login: 'ann' }, 'write');
    permissions.grant(ISSUE, { id: 9, login: 'eve' }, 'read');
    const started = await startOrchestration({
      options: { entitlement: EntitlementService.alone({ permissions }) },
      ...(left && { left }),
    });
    closings.push(() => started.close());
    const { tracker, deliveries, loop, queue } = started;
    tracker.put(issue);
    await started.start();
    await loop.idle();
    const hear = async (author: string, updatedAt = '2026-01-01T00:00:00Z') => {
      await deliveries.record(
        aDelivery(issue, { kind: 'issue_comment', action: 'created', sender: author, updatedAt }),
      );
      loop.wake();
      await loop.idle();
    };
    return {
      ...started,
      hear,
      say: async (text: string, author = 'ann') => {
        tracker.say(ISSUE, text, author);
        await hear(author);
      },
      answers: () => tracker.comments(ISSUE).filter((_, at) => tracker.markerOf(ISSUE, at) !== null),
      job: () => queue.find(issueKey(ISSUE)),
    };
  }

  it('is told that nothing is under way and why, and no job is made of it', async () => {
    const { say, answers, job, events } = await start();

    await say('/mosaic why');

    expect(answers()).toEqual(['Nothing is under way on this issue: mosaic is not assigned.']);
    expect(await job()).toBeUndefined();
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orchestration.command-carried-out', by: 'ann', command: 'why' }),
    );
  });

  it('is answered once, whatever is delivered and said afterwards, and as it was', async () => {
    const { say, hear, answers, tracker } = await start();
    await say('/mosaic status');

    tracker.put({ ...FREE, state: 'closed' });
    await hear('ann');
    await say('Thanks');

    expect(answers()).toEqual([expect.stringContaining('mosaic is not assigned.')]);
  });

  it('is answered no second time by another process', async () => {
    const first = await start();
    await first.say('/mosaic why');
    await first.stop();
    first.tracker.put({ ...FREE, state: 'closed' });

    const second = await start({ ...FREE, state: 'closed' }, first);
    await second.say('/mosaic why');

    expect(second.answers()).toEqual([
      expect.stringContaining('mosaic is not assigned.'),
      expect.stringContaining('it is closed, and mosaic is not assigned.'),
    ]);
  });

  it('of somebody who may not order anything is ignored without a word', async () => {
    const { say, answers, events } = await start();

    await say('/mosaic why', 'eve');

    expect(answers()).toEqual([]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'orchestration.command-ignored', by: 'eve' }));
  });

  it('is answered though another comment was told first', async () => {
    const { tracker, hear, answers } = await start();
    tracker.say(ISSUE, '/mosaic why', 'ann');

    await hear('ben', '');

    expect(answers()).toHaveLength(1);
  });

  it('is answered by the job where the issue is the bot’s, though it is looked at only now', async () => {
    const { say, job, answers, reaches } = await start(anIssue());

    await say('/mosaic priority 7');
    await reaches('in_review');

    expect(await job()).toMatchObject({ priority: 7 });
    expect(answers()).toContain('Its priority is 7.');
  });

  it('is left to the job that is about to be made', async () => {
    const { say, tracker, answers } = await start();
    const readIssue = tracker.readIssue.bind(tracker);
    let readings = 0;
    tracker.readIssue = async (ref) => {
      readings += 1;
      return readings === 1 ? readIssue(ref) : { kind: 'found', issue: anIssue(), hasComments: true };
    };

    await say('/mosaic why');

    expect(answers()).toEqual([]);
  });

  it('says nothing on an issue that is gone by then', async () => {
    const { say, tracker, answers } = await start();
    const readIssue = tracker.readIssue.bind(tracker);
    let readings = 0;
    tracker.readIssue = async (ref) => {
      readings += 1;
      return readings === 1 ? readIssue(ref) : { kind: 'gone' };
    };

    await say('/mosaic why');

    expect(answers()).toEqual([]);
  });

  it('forgets issues of long ago', async () => {
    const { tracker, deliveries, loop, say } = await start();
    for (let number = 1_000; number <= 2_000; number += 1) {
      const issue = { ...FREE, ref: { ...ISSUE, number } };
      tracker.put(issue);
      await deliveries.record(aDelivery(issue, { kind: 'issue_comment', action: 'created', sender: 'ann' }));
    }
    while ((await deliveries.unsettled(1)).length > 0) {
      loop.wake();
      await loop.idle();
    }

    await say('/mosaic why');

    expect(tracker.comments(ISSUE)).toHaveLength(2);
  });
});

describe('joblessAnswer', () => {
  const idle = { isOpen: true, isAssigned: false, botName: 'the_bot' };

  it.each([
    [{ ...idle }, 'the\\_bot is not assigned.', 'Assign the\\_bot to it, and work begins.'],
    [{ ...idle, isOpen: false, isAssigned: true }, 'it is closed.', 'Open it again, and work begins.'],
    [
      { ...idle, isOpen: false },
      'it is closed, and the\\_bot is not assigned.',
      'Open it again and assign the\\_bot to it, and work begins.',
    ],
  ])('says of %j why nothing is under way, and what begins work', (issue, why, remedy) => {
    const sentence = `Nothing is under way on this issue: ${why}`;

    expect(joblessAnswer(readCommands('/mosaic status\n/mosaic why'), issue)).toBe(sentence);
    expect(joblessAnswer(readCommands('/mosaic why\n/mosaic retry\n/mosaic agent glm'), issue)).toBe(
      `${sentence}\n\nThe command was not carried out. ${remedy}`,
    );
  });

  it('gives the list where a command is not known', () => {
    expect(joblessAnswer(readCommands('/mosaic dance'), idle)).toMatch(/no command “dance”\.\n\nThe commands are:/);
  });
});
