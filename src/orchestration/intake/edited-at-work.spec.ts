import { describe, expect, it } from '@jest/globals';

import { PuppetRuntime, ends, works, type PuppetTurn } from '../../../test/support/puppet-runtime.js';
import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions, InMemoryStarts, type Person } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import type { RunEnded, TrackedIssue } from '../index.js';

const JOB = issueKey(ISSUE);
const ANN: Person = { id: 1, login: 'ann' };
const EVE: Person = { id: 2, login: 'eve' };
const { body: BODY } = anIssue();
const WORDS = anIssue({ body: BODY.replace('all of it', 'every bit of it') });
const CRITERIA = anIssue({ body: BODY.replace('it is right', 'it is left') });

/** Gives a sign of life and works on until its session is closed. */
const worksOn: PuppetTurn = async ({ emit, write, closed }) => {
  emit({ type: 'activity' });
  await write('early.txt', 'half');
  await closed;
  return ends('interrupted');
};

/** A job of an issue that ann opened and assigned, with an agent whose turns may edit it. */
async function play(
  turns: (scene: { edit: (issue: TrackedIssue, by?: string) => Promise<void> }) => readonly PuppetTurn[],
  start: Start = {},
) {
  const permissions = new InMemoryPermissions();
  permissions.grant(ISSUE, ANN, 'write');
  permissions.grant(ISSUE, EVE, 'read');
  const starts = new InMemoryStarts();
  starts.begin(ISSUE, ANN);
  const edit = async (issue: TrackedIssue, by = 'ann'): Promise<void> => {
    started.tracker.put(issue);
    await started.deliveries.record(aDelivery(issue, { kind: 'issues', action: 'edited', sender: by }));
    started.loop.wake();
    await started.loop.idle();
  };
  const agent = new PuppetRuntime({ turns: turns({ edit }) });
  const options = { registry: agent.registry, starts, entitlement: EntitlementService.alone({ permissions }) };
  const started = await startOrchestration({ ...start, options: { ...options, ...start.options } });
  const issue = anIssue({ author: 'eve' });
  started.tracker.put(issue);
  await started.deliveries.record(aDelivery(issue, { sender: 'ann' }));
  return { ...started, agent, edit };
}

describe('an agent whose issue is edited while it works', () => {
  it('is told the new text when its turn ends, before anything is judged', async () => {
    const { agent, judge, reaches, start, runs, close } = await play(({ edit }) => [
      async (stage) => {
        await edit(WORDS);
        return works(stage);
      },
    ]);
    const reviewed = reaches('in_review');
    await start();
    await reviewed;

    expect(agent.prompts).toHaveLength(2);
    expect(agent.prompts[1]).toMatch(/^The issue was edited while you worked[^]*every bit of it[^]*it is right/);
    expect(agent.opened).toHaveLength(1);
    expect(judge.subjects).toHaveLength(1);
    expect(await runs.progress(JOB)).toMatchObject({ rejections: 0 });
    await close();
  });

  it('is told it before the next prompt where it was edited while the gates ran', async () => {
    const { agent, judge, edit, reaches, start, close } = await play(() => [], { rulings: ['change'] });
    const judgeOnce = judge.judge.bind(judge);
    judge.judge = async (subject) => {
      judge.judge = judgeOnce;
      await edit(WORDS);
      return judgeOnce(subject);
    };
    const reviewed = reaches('in_review');
    await start();
    await reviewed;

    expect(agent.prompts[1]).toMatch(/^The issue was edited[^]*The work is not done/);
    await close();
  });

  it('is told it instead of its work being published, where the gates passed it meanwhile', async () => {
    const { agent, judge, workspaces, edit, reaches, start, close } = await play(() => [works]);
    const judgeOnce = judge.judge.bind(judge);
    judge.judge = async (subject) => {
      judge.judge = judgeOnce;
      await edit(WORDS);
      return judgeOnce(subject);
    };
    const publish = workspaces.publish.bind(workspaces);
    const published: number[] = [];
    workspaces.publish = (...given) => {
      published.push(agent.prompts.length);
      return publish(...given);
    };
    const reviewed = reaches('in_review');
    await start();
    await reviewed;

    expect(published).toEqual([2]);
    expect(agent.prompts[1]).toMatch(/^The issue was edited/);
    await close();
  });

  it('is stopped where the criteria are others, and a fresh session takes its work over', async () => {
    const { agent, edit, reaches, next, start, runs, close } = await play(() => [worksOn]);
    const begun = next('orchestration.run-started');
    await start();
    await begun;
    const reviewed = reaches('in_review');

    await edit(CRITERIA);
    await reviewed;

    expect(agent.opened.map(({ isResumed }) => isResumed)).toEqual([false, false]);
    expect(agent.prompts[1]).toMatch(/You take over[^]*The issue was edited or assigned again[^]*it is left/);
    expect(agent.prompts[1]).toContain('1 files changed');
    expect(await runs.progress(JOB)).toMatchObject({ handOvers: 0, rejections: 0 });
    await close();
  });

  it('is stopped where somebody edits it who may not, its work is kept, and it goes on with what ann confirms', async () => {
    const { agent, edit, reaches, next, start, workspaces, queue, runs, close } = await play(() => [worksOn]);
    const begun = next('orchestration.run-started');
    await start();
    await begun;
    const ended = next<RunEnded>('orchestration.run-ended');

    await edit({ ...WORDS, author: 'eve' }, 'eve');
    const { outcome } = await ended;
    const stopped = await queue.require(ISSUE);
    const { draft } = await runs.progress(JOB);
    const reviewed = reaches('in_review');
    await edit(anIssue({ author: 'eve' }), 'eve');
    await reviewed;

    expect(outcome).toBe('cancelled');
    expect(stopped).toMatchObject({ state: 'needs_attention' });
    expect(draft).not.toBeNull();
    expect([...workspaces.published.keys()].join()).not.toContain('every bit');
    expect(agent.prompts.join('\n')).not.toContain('every bit of it');
    await close();
  });

  it('is stopped where the issue becomes too large to be read, and goes on when it was shortened and ann says so', async () => {
    const { agent, tracker, deliveries, clock, loop, reaches, next, start, queue, close } = await play(() => [worksOn]);
    const begun = next('orchestration.run-started');
    await start();
    await begun;
    const ended = next<RunEnded>('orchestration.run-ended');
    const readIssue = tracker.readIssue.bind(tracker);
    tracker.readIssue = () => Promise.resolve({ kind: 'too-large' });
    clock.advance(1_200_000);
    loop.wake();

    expect((await ended).outcome).toBe('cancelled');
    await loop.idle();
    const stopped = await queue.require(ISSUE);
    tracker.readIssue = readIssue;
    const reviewed = reaches('in_review');
    tracker.say(ISSUE, 'It is shorter now.', 'ann');
    await deliveries.record(aDelivery(anIssue(), { kind: 'issue_comment', action: 'created', sender: 'ann' }));
    loop.wake();
    await reviewed;

    expect([stopped.state, stopped.reason]).toEqual(['needs_attention', expect.stringContaining('Shorten it')]);
    expect(agent.opened).toHaveLength(2);
    await close();
  });

  it('goes on where the issue was given to the bot anew meanwhile, and no webhook told', async () => {
    const starts = new InMemoryStarts();
    const first = starts.begin(ISSUE, ANN);
    const { agent, loop, reaches, start, close } = await play(
      () => [
        async (stage) => {
          starts.begin(ISSUE, ANN);
          loop.wake();
          await loop.idle();
          return works(stage);
        },
      ],
      { options: { starts } },
    );
    const reviewed = reaches('in_review');
    await start();
    await reviewed;

    expect(first.eventId).toBe(1);
    expect(agent.prompts).toHaveLength(1);
    await close();
  });

  it('is told the text again when its session is gone on with, for nobody knows what it heard', async () => {
    const { agent, edit, reaches, clock, loop, start, close } = await play(() => [
      async () => {
        await edit(WORDS);
        return ends('error', 'It broke');
      },
    ]);
    const retried = reaches('retryable');
    await start();
    await retried;
    const reviewed = reaches('in_review');
    clock.advance(60_000);
    loop.wake();
    await reviewed;

    expect(agent.opened.map(({ isResumed }) => isResumed)).toEqual([false, true]);
    expect(agent.prompts[1]).toMatch(/^The issue was edited[^]*every bit of it[^]*the coordinator was restarted/);
    await close();
  });
});
