import { describe, expect, it, jest } from '@jest/globals';

import { formatIssueRef } from '../src/kernel/index.js';
import { say, type ModelConversation } from '../src/testing/index.js';
import { HeldCommands } from './support/held-commands.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { digestOf } from './support/recorded-deliveries.js';
import {
  Coordination,
  agentRule,
  gatesWith,
  isSentBack,
  runCommand,
  writeAnswer,
} from './support/start-coordination.js';

jest.setTimeout(120_000);

const isResumed = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('the coordinator was restarted');
const finish = [writeAnswer('right'), say('Finished after the restart.')];

/** What the model was told of commands in this conversation, from its beginning. */
function toldIn({ request }: ModelConversation): string {
  return JSON.stringify(request['messages']);
}

async function expectOnePullRequest(run: Coordination): Promise<void> {
  expect((await run.scene.pullRequests()).map(({ state, headBranch }) => [state, headBranch])).toEqual([
    ['open', 'coordinator/1-make-it-right'],
  ]);
  const head = await run.scene.resolve('coordinator/1-make-it-right');
  expect(await run.scene.readFile(head ?? '', 'answer.txt')).toBe('right');
}

describeOnEveryGitea('After a kill -9', (host) => {
  it('the session goes on whose model was asked', async () => {
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const thinksForever = (): Promise<never> => {
      asked();
      return new Promise(() => undefined);
    };
    await using run = await Coordination.start({
      host,
      rules: [agentRule(1, finish, isResumed), agentRule(1, [writeAnswer('half'), thinksForever])],
    });
    const issue = await run.assigned();
    await wasAsked;

    await run.service.kill();
    await run.restart();
    await run.reaches(issue, 'in_review');

    expect(run.service.linesOf('Run started')).toMatchObject([{ isContinuation: true }]);
    const resumed = run.model.requests.map(({ conversation }) => conversation).find(isResumed);
    expect(resumed?.firstPrompt).toContain(`Issue ${formatIssueRef(issue)}, on branch`);
    expect(resumed && toldIn(resumed)).toContain('"content":"half"');
    await expectOnePullRequest(run);
  });

  it('a command that ran is ended, and the session is told so', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      host,
      environment: held.environment,
      rules: [
        agentRule(1, [runCommand(held.script('once')), ...finish], isResumed),
        agentRule(1, [runCommand(`(${held.script('background')}) & ${held.script('once')}`)]),
      ],
    });
    const issue = await run.assigned();
    await Promise.all([held.arrived('once'), held.arrived('background')]);

    await run.service.kill();
    await run.restart();
    await held.arrived('once', 2);
    await held.gone('background');
    held.release('once');
    await run.reaches(issue, 'in_review');

    expect(held.mostAtOnce('once')).toBe(1);
    const resumed = run.model.requests.map(({ conversation }) => conversation).find(isResumed);
    expect(resumed && toldIn(resumed)).toContain('stopped during this call and its outcome is unknown');
    await expectOnePullRequest(run);
  });

  it('the gates run again, and the rounds used so far still count', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      host,
      environment: held.environment,
      gates: gatesWith(`[ "$(cat answer.txt)" != right ] || (${held.script('gate')})`),
      rules: [
        agentRule(1, [say('It is right.')], isResumed),
        agentRule(1, [writeAnswer('right'), say('Now it is right.')], isSentBack),
        agentRule(1, [writeAnswer('wrong'), say('Done.')]),
      ],
    });
    const issue = await run.assigned();
    await held.arrived('gate');
    const before = await run.job(issue);

    await run.service.kill();
    await run.restart();
    await held.arrived('gate', 2);
    held.release('gate');
    await run.reaches(issue, 'in_review');

    expect(before.progress.rejections).toBe(1);
    expect((await run.job(issue)).progress.rejections).toBe(1);
    expect(held.mostAtOnce('gate')).toBe(1);
    await expectOnePullRequest(run);
  });

  it('a job whose turns the service does not survive is handed to a person in the end', async () => {
    let asked: () => void = () => undefined;
    const thinksForever = (): Promise<never> => {
      asked();
      return new Promise(() => undefined);
    };
    await using run = await Coordination.start({
      host,
      environment: { MAX_FAILURES: '2' },
      rules: [{ name: 'thinks', when: () => true, reply: thinksForever }],
    });
    let wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const issue = await run.assigned();

    for (let kills = 0; kills < 2; kills += 1) {
      await wasAsked;
      wasAsked = new Promise<void>((resolve) => (asked = resolve));
      await run.service.kill();
      await run.restart();
    }
    const moved = await run.reaches(issue, 'needs_attention');

    expect(moved['reason']).toMatch(/^Its last 2 runs were cut off before there was anything new to judge/);
    expect(run.service.linesOf('Run started')).toEqual([]);
  });
});

describe('After a kill -9 at a moment that only the fake can hold', () => {
  it.each([
    ['the push', 'POST', /\/git-receive-pack$/],
    ['opening the pull request', 'POST', /\/repos\/acme\/tools\/pulls$/],
    ['a commit status', 'POST', /\/statuses\//],
  ])('there is one pull request, though nobody heard the answer to %s', async (_step, method, path) => {
    await using run = await Coordination.start();
    const { happened } = run.fake.faults.add({ kind: 'done-but-stalled', method, path });
    const issue = await run.assigned();
    await happened;

    await run.service.kill();
    await run.restart();
    await run.reaches(issue, 'in_review');
    await run.stop();

    await expectOnePullRequest(run);
    const head = await run.scene.resolve('coordinator/1-make-it-right');
    expect((await run.scene.statuses(head ?? '')).map(({ context }) => context)).toEqual([
      'mosaic/build',
      'mosaic/lint',
      'mosaic/test',
      'mosaic/coverage',
    ]);
    expect(await run.scene.comments(issue)).toHaveLength(1);
  });

  it('a delivery that was answered is worked on, though nobody but the sender knew of it', async () => {
    // Without a token Gitea cannot be asked: what was not stored would be lost.
    await using run = await Coordination.start({ hasToken: false });
    run.fake.holdDeliveries();
    const issue = await run.assigned();
    const [delivery] = run.fake.deliveries.slice(-1);
    const body = delivery?.body ?? '';

    const answer = await fetch(run.hookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-gitea-event': 'issues',
        'x-gitea-event-type': 'issue_assign',
        'x-gitea-delivery': 'the-only-one',
        'x-gitea-signature': digestOf(body, run.secrets.GITEA_WEBHOOK_SECRET),
      },
      body,
    });
    await run.service.kill();
    await run.restart();
    await run.reaches(issue, 'in_review');

    expect(answer.status).toBe(200);
    expect(run.service.linesOf('Work published')).toHaveLength(1);
  });
});
