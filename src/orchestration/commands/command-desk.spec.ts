import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions } from '../../entitlement/index.js';
import { issueKey, type DomainEvent, type IssueRef } from '../../kernel/index.js';
import type { ScriptStep } from '../../agents/index.js';
import { readDetails, type AgentActed, type CommandIgnored, type RunEnded, type RunStarted } from '../index.js';
import { storeDetails } from '../job-details.js';

const WAIT: ScriptStep = { do: 'wait-for-interrupt' };
const REST: readonly ScriptStep[] = [
  { do: 'write', path: 'a', content: 'b' },
  { do: 'stop', stop: 'end_turn' },
];

/** Everybody but `eve` may steer the work. */
function everybodyButEve(): EntitlementService {
  const permissions = new InMemoryPermissions();
  for (const [at, login] of ['ada', 'ann'].entries()) permissions.grant(ISSUE, { id: at + 1, login }, 'write');
  permissions.grant(ISSUE, { id: 9, login: 'eve' }, 'read');
  return EntitlementService.alone({ permissions });
}

async function begin(start: Start = {}, issue = anIssue()) {
  const started = await startOrchestration({
    ...start,
    options: { entitlement: everybodyButEve(), ...start.options },
  });
  const { tracker, deliveries, look } = started;
  tracker.put(issue);
  await deliveries.record(aDelivery(issue));
  return {
    ...started,
    /** Somebody comments, and the webhook says so. */
    say: async (text: string, author = 'ann', ref: IssueRef = ISSUE) => {
      tracker.say(ref, text, author);
      await deliveries.record(aDelivery(issue, { kind: 'issue_comment', action: 'created', sender: author }));
      await look();
    },
  };
}

/** With an agent that is at work and waits. */
async function beginRunning(start: Start = {}) {
  const script = { '*': { steps: [{ do: 'write' as const, path: 'early', content: 'x' }, WAIT, ...REST] } };
  const started = await begin({ script, ...start });
  const running = started.next<RunStarted>('orchestration.run-started');
  const acted = started.next<AgentActed>('orchestration.agent-acted');
  await started.start();
  await running;
  await acted;
  return started;
}

/** With a job that the gates rejected too often. */
async function beginStopped() {
  const started = await begin({ rulings: ['change'], options: { limits: { maxRejections: 1 } } });
  const stopped = started.reaches('needs_attention');
  await started.start();
  await stopped;
  await started.look();
  return started;
}

function kinds(events: readonly DomainEvent[], type: string): number {
  return events.filter((event) => event.type === type).length;
}

describe('a command', () => {
  it('is answered once, though the comment is read again and again', async () => {
    const { say, look, answers, events, queue, close } = await beginRunning();

    await say('/mosaic why');
    await say('Thanks');
    await look();

    expect(readDetails((await queue.require(ISSUE)).details).orders.owed).toEqual([]);

    expect(answers()).toEqual([expect.stringContaining('Runs, and waits for nothing.')]);
    expect(kinds(events, 'orchestration.command-carried-out')).toBe(1);
    await close();
  });

  it('of somebody who may not order anything is ignored without a word', async () => {
    const { say, answers, next, queue, close } = await beginRunning();
    const ignored = next<CommandIgnored>('orchestration.command-ignored');

    await say('/mosaic cancel', 'eve');

    expect(await ignored).toMatchObject({ issue: ISSUE, by: 'eve', reason: 'eve may not write to the repository.' });
    expect(answers()).toEqual([]);
    expect((await queue.require(ISSUE)).state).toBe('running');
    await close();
  });

  it('is carried out that was said together with the assignment, and none from before', async () => {
    const starts = {
      canTell: true,
      startsAfter: async () => ({
        start: { eventId: 1, person: { id: 1, login: 'ada' }, at: 1 },
        readTo: { id: 1, at: 1 },
      }),
      labelRemoverOf: async () => null,
    };
    const { start, tracker, answers, queue, reaches, loop, close } = await begin({ options: { starts } });
    tracker.say(ISSUE, '/mosaic cancel', 'ann');
    tracker.say(ISSUE, '/mosaic priority 4', 'ann');
    const reviewed = reaches('in_review');
    await start();
    await reviewed;
    await loop.idle();

    expect((await queue.require(ISSUE)).priority).toBe(4);
    expect(answers()).toEqual(['Its priority is 4.']);
    await close();
  });

  it('confirms at once what somebody began who may not', async () => {
    const starts = {
      canTell: true,
      startsAfter: async () => ({
        start: { eventId: 0, person: { id: 9, login: 'eve' }, at: 0 },
        readTo: { id: 0, at: 0 },
      }),
      labelRemoverOf: async () => null,
    };
    const { start, tracker, answers, reaches, close } = await begin({ options: { starts } });
    tracker.say(ISSUE, '/mosaic retry', 'ann');
    const reviewed = reaches('in_review');
    await start();
    await reviewed;

    expect(answers()).toEqual(['It goes on with fresh rounds.']);
    await close();
  });

  it('that nobody knows is answered with the list', async () => {
    const { say, answers, close } = await beginRunning();

    await say('/mosaic dance <b>@all</b>\n/mosaic sing');

    expect(answers()).toEqual([expect.stringContaining('- `/mosaic retry` goes on with fresh rounds')]);
    expect(answers()[0]).not.toContain('@all');
    expect(answers()[0]?.match(/The commands are:/g)).toHaveLength(1);
    await close();
  });

  it('is heard among the first five of its comment, and the answer says how many were not', async () => {
    const { say, answers, queue, close } = await beginRunning();

    await say(`${[1, 2, 3, 4, 5, 6].map((priority) => `/mosaic priority ${priority}`).join('\n')}\n/mosaic dance`);

    expect((await queue.require(ISSUE)).priority).toBe(5);
    expect(answers()).toEqual([
      expect.stringMatching(/^Its priority is 1\.[^]*Its priority is 5\.\n\nOnly the first 5 commands[^]*2 more/),
    ]);
    await close();
  });

  it('is carried out with others of the comment, and they are answered together', async () => {
    const { say, answers, queue, close } = await beginRunning();

    await say('/mosaic priority 900\n/mosaic status');

    expect(answers()).toEqual([expect.stringMatching(/^Its priority is 900\.\n\n\*\*An agent is working on it\.\*\*/)]);
    expect((await queue.require(ISSUE)).priority).toBe(900);
    await close();
  });

  it('waits while it cannot be told who may order something', async () => {
    let isAway = true;
    const permissions = {
      permissionOf: async () => {
        if (isAway) throw new Error('away');
        return { kind: 'found', person: { id: 1, login: 'ann' }, permission: 'write' } as const;
      },
    };
    const entitlement = EntitlementService.alone({ permissions });
    const { say, look, answers, close } = await beginRunning({ options: { entitlement } });

    await say('/mosaic why');
    expect(answers()).toEqual([]);
    isAway = false;
    await look();

    expect(answers()).toHaveLength(1);
    await close();
  });

  it('is carried out once though its answer cannot be written, and is answered later', async () => {
    const { say, answers, tracker, events, close } = await beginStopped();
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body) =>
      marker.startsWith('command-') ? Promise.reject(new Error('locked')) : ensureComment(ref, marker, body);

    await say('/mosaic priority 5');
    expect(answers()).toEqual([]);
    tracker.ensureComment = ensureComment;
    await say('Thanks, and now?', 'eve');

    expect(answers()).toEqual(['Its priority is 5.']);
    expect(kinds(events, 'orchestration.command-carried-out')).toBe(1);
    await close();
  });
});

describe('/mosaic pause', () => {
  it('stops the agent and keeps the work; only /mosaic resume goes on', async () => {
    const { say, queue, next, answers, workspaces, close } = await beginRunning();
    const ended = next<RunEnded>('orchestration.run-ended');

    await say('/mosaic pause');

    expect(await ended).toMatchObject({ outcome: 'cancelled', reason: 'Paused by ann: /mosaic resume goes on.' });
    expect(await queue.require(ISSUE)).toMatchObject({
      state: 'needs_attention',
      reason: 'Paused by ann: /mosaic resume goes on.',
    });
    expect([...workspaces.published.keys()]).toEqual([expect.stringContaining('wip')]);
    await say('/mosaic pause');
    expect((await queue.require(ISSUE)).state).toBe('needs_attention');
    const again = next<RunStarted>('orchestration.run-started');
    await say('/mosaic resume');
    expect((await again).isContinuation).toBe(true);
    await close();
    expect(answers()).toEqual([
      'It is paused, and its work is kept. `/mosaic resume` goes on.',
      expect.stringContaining('It is paused already.'),
      'It goes on.',
    ]);
  });

  it('is not ended by what people say, but they are heard afterwards', async () => {
    const { say, queue, reaches, close } = await beginRunning();
    await say('/mosaic pause');

    await say('Use the other way');
    await say('And publish the keys', 'eve');
    expect((await queue.require(ISSUE)).state).toBe('needs_attention');
    const running = reaches('running');
    await say('/mosaic resume');
    await running;

    expect(readDetails((await queue.require(ISSUE)).details).remarks).toEqual([
      { author: 'ann', text: 'Use the other way' },
    ]);
    await close();
  });

  it('is refused where nothing runs', async () => {
    const { say, answers, close } = await beginStopped();

    await say('/mosaic pause');
    await say('/mosaic resume');

    expect(answers()).toEqual([
      expect.stringContaining('Nothing runs that could be paused.'),
      expect.stringContaining('It is not paused.'),
    ]);
    await close();
  });
});

describe('/mosaic retry', () => {
  it('goes on with fresh rounds, and tells the agent what was said with it', async () => {
    const { say, reaches, queue, runs, answers, close } = await beginStopped();
    const reviewed = reaches('in_review');

    await say('/mosaic retry\nUse the other way');
    await reviewed;

    expect(answers()).toEqual(['It goes on with fresh rounds.']);
    const { orders, remarks } = readDetails((await queue.require(ISSUE)).details);
    expect({ retry: orders.retry, remarks }).toEqual({
      retry: null,
      remarks: [{ author: 'ann', text: 'Use the other way' }],
    });
    expect((await runs.progress('acme/tools#7')).rejections).toBe(0);
    await close();
  });

  it('is refused where there is nothing to try again', async () => {
    const { say, answers, close } = await beginRunning();

    await say('/mosaic retry');

    expect(answers()).toEqual([expect.stringContaining('There is nothing to try again.')]);
    await close();
  });

  it('begins nothing on an issue that is not with the bot', async () => {
    const { say, answers, tracker, queue, reaches, deliveries, close } = await beginRunning();
    const free = anIssue({ assignees: [] });
    tracker.put(free);
    const cancelled = reaches('cancelled');
    await deliveries.record(aDelivery(free));
    await say('/mosaic why', 'eve');
    await cancelled;

    await say('/mosaic retry');

    expect(answers()).toEqual(['Nothing begins before the issue is open and assigned to the bot.']);
    expect((await queue.require(ISSUE)).state).toBe('cancelled');
    await close();
  });

  it('that was cut off is no word for whoever assigns the issue another day', async () => {
    const { tracker, queue, reaches, deliveries, loop, close } = await beginRunning();
    const job = await queue.require(ISSUE);
    const details = readDetails(job.details);
    const orders = { ...details.orders, retry: { by: 'ann', remarks: [] } };
    await queue.enqueue({ ...job, details: storeDetails({ ...details, orders }) }, 'A person ordered it.');
    const free = anIssue({ assignees: [] });
    tracker.put(free);
    const cancelled = reaches('cancelled');

    await deliveries.record(aDelivery(free));
    loop.wake();
    await cancelled;

    expect(readDetails((await queue.require(ISSUE)).details).orders.retry).toBeNull();
    await close();
  });
});

describe('/mosaic cancel', () => {
  it('ends the job though the bot stays assigned, until it is ordered again', async () => {
    const { say, look, queue, reaches, next, answers, close } = await beginRunning();
    const ended = next<RunEnded>('orchestration.run-ended');

    await say('/mosaic cancel');
    expect(await ended).toMatchObject({ outcome: 'cancelled' });
    await say('Well, well', 'eve');
    await look();
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'cancelled', reason: 'ann cancelled it by a command.' });
    const by = { kind: 'person', login: 'ann' };
    expect((await queue.history(issueKey(ISSUE))).at(-1)).toMatchObject({ to: 'cancelled', by });

    const running = reaches('running');
    await say('/mosaic retry');
    await running;

    expect(answers()).toHaveLength(2);
    await close();
  });
});

describe('/mosaic agent', () => {
  const small = { ...PROFILE, name: 'small', windowTokens: 30_000, maxOutputTokens: 1_000 };
  const modest = { ...PROFILE, name: 'modest', difficultyUpTo: 'easy', isSelfHosted: false } as const;
  const blocker = { issue: { ...ISSUE, number: 8 }, isFinished: false };

  it('has a waiting job done by that profile', async () => {
    const { start, say, queue, reaches, answers, close } = await begin(
      { profiles: [PROFILE, modest] },
      anIssue({ blockedBy: [blocker] }),
    );
    const pending = reaches('pending');
    await start();
    await pending;

    await say('/mosaic agent MODEST');

    expect((await queue.require(ISSUE)).profile).toBe('modest');
    expect(answers()).toEqual(['The agent profile modest does it.']);
    await say('Nothing');
    expect((await queue.require(ISSUE)).profile).toBe('modest');
    await close();
  });

  it('counts from the next fresh start on where somebody claims the job meanwhile', async () => {
    const { start, say, queue, next, answers, look, close } = await begin({ profiles: [PROFILE, modest] });
    const claim = queue.claim.bind(queue);
    queue.claim = async () => undefined;
    const drafted = next('queue.job-moved', { to: 'available' } as object);
    await start();
    await drafted;
    const explain = queue.explain.bind(queue);
    queue.explain = async (id) => {
      await claim();
      return explain(id);
    };

    await say('/mosaic agent modest');
    await look();

    expect(await queue.require(ISSUE)).toMatchObject({ state: 'running', profile: 'scripted' });
    expect(answers()).toEqual([expect.stringContaining('from the next fresh start on')]);
    await close();
  });

  it('counts from the next fresh start on where the job has begun', async () => {
    const { say, queue, reaches, answers, close } = await beginRunning({ profiles: [PROFILE, modest] });

    await say('/mosaic agent modest');
    expect((await queue.require(ISSUE)).profile).toBe('scripted');
    await say('/mosaic pause');
    const running = reaches('running');
    await say('/mosaic retry');
    await running;

    expect((await queue.require(ISSUE)).profile).toBe('modest');
    expect(answers()[0]).toContain('from the next fresh start on');
    await close();
  });

  it.each([
    ['nobody', /^There is no agent profile nobody\. There are: scripted, small\.$/],
    ['small', /^The profile small cannot take this issue: its usable window of 29000 tokens holds less than twice/],
  ])('refuses %s, and says why', async (profile, answer) => {
    const { say, queue, answers, close } = await beginRunning({ profiles: [PROFILE, small] });

    await say(`/mosaic agent ${profile}`);

    expect(answers()).toEqual([expect.stringMatching(answer)]);
    expect(readDetails((await queue.require(ISSUE)).details).orders.profile).toBeNull();
    await close();
  });
});
