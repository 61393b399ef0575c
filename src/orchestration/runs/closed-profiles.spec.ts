import { describe, expect, it } from '@jest/globals';

import {
  PROFILE,
  aDelivery,
  anIssue,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import type { AgentProfile, ProfileClosed } from '../../agents/index.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import { InMemoryWorkspaces, type DispatchGuard, type LoopTicked } from '../index.js';

const MINUTE = 60_000;
const FIRST = { owner: 'acme', repo: 'tools', number: 7 };
const SECOND = { ...FIRST, number: 8 };
const THIRD = { ...FIRST, number: 9 };

const PROFILES: readonly AgentProfile[] = [
  { ...PROFILE, name: 'glm', baseUrl: 'http://glm.example', apiKey: 'key-1', maxConcurrent: 1 },
  { ...PROFILE, name: 'minimax', baseUrl: 'http://minimax.example', apiKey: 'key-2' },
  { ...PROFILE, name: 'neighbour', baseUrl: 'http://glm.example', apiKey: 'key-3' },
];

/** An issue for one of the profiles, all of which cost the same. */
function issueFor(profile: string, ref: IssueRef) {
  const issue = anIssue({ ref });
  const body = issue.body.replace('## Difficulty', `- Recommended agent: ${profile}\n## Difficulty`);
  return { ...issue, body };
}

/** Starts, with these issues assigned to the bot. */
async function startWith(issues: readonly (readonly [string, IssueRef])[], start: Start = {}) {
  const started = await startOrchestration({ profiles: PROFILES, ...start });
  const { tracker, deliveries, clock, loop, queue, next } = started;
  const assign = async (profile: string, ref: IssueRef) => {
    const issue = issueFor(profile, ref);
    tracker.put(issue);
    await deliveries.record(aDelivery(issue));
  };
  for (const [profile, ref] of issues) await assign(profile, ref);
  /** Lets time pass and resolves when the loop has looked at everything afterwards. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    const ticked = next('orchestration.loop-ticked');
    loop.wake();
    await ticked;
  };
  const why = (ref: IssueRef) => queue.explain(issueKey(ref));
  return { ...started, assign, pass, why };
}

const WORK = [
  { do: 'write', path: 'a', content: 'b' },
  { do: 'stop', stop: 'end_turn' },
] as const;

describe('A profile whose key was refused', () => {
  const script: Start['script'] = {
    '*': { steps: WORK },
    'acme/tools#7': { steps: [{ do: 'stop', stop: 'auth', detail: '401 invalid x-api-key' }, ...WORK] },
  };

  it('gets no work, says why, and is used again when one job had an answer; others go on', async () => {
    const { start, assign, reaches, queue, why, pass, events, close } = await startWith(
      [
        ['glm', FIRST],
        ['minimax', THIRD],
      ],
      { script },
    );
    const [refused, other] = [reaches('retryable', FIRST), reaches('in_review', THIRD)];
    await start();

    expect(await refused).toMatchObject({
      failures: 0,
      reason: 'The model refused the key of the profile. 401 invalid x-api-key',
    });
    await other;
    await assign('glm', SECOND);
    const waiting = [reaches('available', FIRST), reaches('available', SECOND)];
    await pass(MINUTE);
    await Promise.all(waiting);

    expect(await queue.countByState()).toMatchObject({ available: 2, in_review: 1, needs_attention: 0 });
    for (const ref of [FIRST, SECOND]) {
      expect(await why(ref)).toMatch(
        /^Waits for profile glm\. The model refused its key\. It is tried again at 2023-11-14T22:2\d:.*Z\.$/,
      );
    }
    const reviewed = [reaches('in_review', FIRST), reaches('in_review', SECOND)];
    await pass(17 * MINUTE);
    await Promise.all(reviewed);

    const told = events.filter(({ type }) => type.startsWith('agents.'));
    expect(told).toEqual([
      expect.objectContaining({ type: 'agents.profile-closed', profiles: ['glm'], cause: 'auth' }),
      { type: 'agents.profile-reopened', profiles: ['glm'] },
    ]);
    await close();
  });

  it.each([
    ['its model answers', { do: 'report-usage', usedTokens: 10, spend: { inputTokens: 10 } }, ['glm']],
    ['its agent uses a tool', { do: 'run', command: 'true' }, ['glm']],
    ['it only spoke, as of a failure', { do: 'say', text: 'API Error' }, undefined],
    ['nothing was paid', { do: 'report-usage', usedTokens: 0, spend: {} }, undefined],
  ] as const)('that is tried, where %s, is opened: %j', async (_when, step, reopened) => {
    const steps = [{ do: 'stop', stop: 'auth' }, step, { do: 'stop', stop: 'error' }] as const;
    const { start, reaches, pass, next, events, close } = await startWith([['glm', FIRST]], {
      script: { '*': { steps } },
    });
    const refused = reaches('retryable');
    await start();
    await refused;
    const ended = next('orchestration.run-ended');

    await pass(17 * MINUTE);
    await ended;
    await close();

    const reopening = events.find(({ type }) => type === 'agents.profile-reopened');
    expect((reopening as { profiles?: readonly string[] } | undefined)?.profiles).toEqual(reopened);
  });

  it('never hands its jobs to a person, however long that lasts, and lets one at a time try', async () => {
    const elsewhere = { ...SECOND, repo: 'site' };
    const steps = Array.from({ length: 60 }, () => ({ do: 'stop', stop: 'auth' }) as const);
    const { start, reaches, queue, pass, next, events, close } = await startWith(
      [
        ['glm', FIRST],
        ['glm', elsewhere],
      ],
      { script: { '*': { steps } } },
    );
    const both = [reaches('retryable', FIRST), reaches('retryable', elsewhere)];
    await start();
    await Promise.all(both);
    const runs = () => events.filter(({ type }) => type === 'orchestration.run-started').length;
    expect(runs()).toBe(2);
    const seen = events.length;

    for (let quarter = 0; quarter < 20; quarter += 1) {
      const tried = next('orchestration.run-ended');
      await pass(17 * MINUTE);
      await tried;
      await pass(MINUTE);
    }

    const ticks = events.slice(seen).filter(({ type }) => type === 'orchestration.loop-ticked') as LoopTicked[];
    expect(Math.max(...ticks.map(({ started }) => started))).toBe(1);
    expect(runs()).toBe(22);
    expect(events.filter(({ type }) => type === 'agents.profile-closed')).toHaveLength(1);
    expect((await queue.list()).map(({ failures }) => failures)).toEqual([0, 0]);
    expect((await queue.countByState()).needs_attention).toBe(0);
    await close();
  });

  it('lets another job try when the first one ended before it asked the model', async () => {
    const workspaces = new InMemoryWorkspaces();
    const { start, reaches, pass, close } = await startWith([['glm', FIRST]], { script, options: { workspaces } });
    const refused = reaches('retryable');
    await start();
    await refused;
    const prepare = workspaces.prepare.bind(workspaces);
    workspaces.prepare = () => {
      workspaces.prepare = prepare;
      return Promise.reject(new Error('The disk is full'));
    };

    const failed = reaches('running').then(() => reaches('retryable'));
    await pass(17 * MINUTE);
    expect((await failed).reason).toContain('The disk is full');
    const reviewed = reaches('in_review');
    await pass(MINUTE);
    await reviewed;

    await close();
    await workspaces.dispose();
  });

  it('is told on the issues of waiting jobs when it has lasted, and again when it is over', async () => {
    const guard = { closed: new Map<string, string>() };
    const dispatchGuards: readonly DispatchGuard[] = [{ closedProfiles: async () => guard.closed }];
    const { start, reaches, pass, tracker, loop, close } = await startWith([['glm', FIRST]], {
      options: { dispatchGuards },
    });
    guard.closed = new Map([['glm', 'Nothing more is spent today.']]);
    const waiting = reaches('available');
    await start();
    await waiting;
    const comment = async () => {
      await loop.idle();
      return tracker.commentOf(FIRST, 'status');
    };
    await pass(0);
    await pass(30_000);
    expect(await comment()).toContain('Waits for profile glm. Nothing more is spent today.');

    guard.closed = new Map();
    const reviewed = reaches('in_review');
    await pass(0);
    await reviewed;
    expect(await comment()).toContain('**Ready for review.**');
    await close();
  });
});

describe('An address that asks to wait', () => {
  it('gets no work from any of its profiles before the time it asked for, and then it does', async () => {
    const { start, assign, reaches, next, why, pass, close } = await startWith(
      [
        ['glm', FIRST],
        ['minimax', THIRD],
      ],
      {
        script: {
          '*': { steps: WORK },
          'acme/tools#7': { steps: [{ do: 'stop', stop: 'rate_limit', retryAfterMs: 10 * MINUTE }, ...WORK] },
        },
      },
    );
    const closed = next<ProfileClosed>('agents.profile-closed');
    const [limited, elsewhere] = [reaches('retryable', FIRST), reaches('in_review', THIRD)];
    await start();
    expect((await closed).profiles).toEqual(['glm', 'neighbour']);
    expect((await limited).failures).toBe(0);
    await elsewhere;
    await assign('neighbour', SECOND);
    const waiting = reaches('available', SECOND);

    await pass(10 * MINUTE - 1);
    await waiting;
    await pass(0);
    expect(await why(SECOND)).toContain('Waits for profile neighbour. The model is overloaded or asked to wait.');

    const reviewed = [reaches('in_review', FIRST), reaches('in_review', SECOND)];
    await pass(MINUTE + 1);
    await Promise.all(reviewed);
    await close();
  });
});

describe('A guard that cannot answer', () => {
  it('holds everything back', async () => {
    const dispatchGuards = [{ closedProfiles: () => Promise.reject(new Error('away')) }];
    const { start, next, queue, loop, close } = await startWith([['glm', FIRST]], { options: { dispatchGuards } });
    const failed = next('orchestration.tick-failed');
    await start();

    expect(await failed).toMatchObject({ part: 'claims', reason: 'away' });
    await loop.idle();
    expect((await queue.countByState()).available).toBe(1);
    await close();
  });
});
