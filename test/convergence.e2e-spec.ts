import { expect, it, jest } from '@jest/globals';

import { callTool, say, type ModelConversation } from '../src/testing/index.js';
import type { IssueRef } from '../src/kernel/index.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import {
  Coordination,
  agentRule,
  isSentBack,
  issueBody,
  runCommand,
  writeAnswer,
} from './support/start-coordination.js';

jest.setTimeout(120_000);

const DRAFT = 'coordinator/wip/1-make-it-right';
const stubborn = agentRule(1, [writeAnswer('wrong'), say('All gates pass, believe me.')]);
const isToldTheAnswer = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('It has to say: right');

function labels(run: Coordination, issue: IssueRef): Promise<readonly string[]> {
  return run.scene.labels(issue);
}

/** The comments that tell the story of a stop. */
async function stories(run: Coordination, issue: IssueRef): Promise<readonly string[]> {
  const bodies = (await run.scene.comments(issue)).map(({ body }) => body);
  return bodies.filter((body) => body.startsWith('**The work on this issue was stopped.**'));
}

/** Resolves when people can see that the job was stopped: then they can answer. */
async function stopIsShown(run: Coordination, issue: IssueRef): Promise<void> {
  await run.reaches(issue, 'needs_attention');
  await run.stop();
  await run.restart();
}

describeOnEveryGitea('Work that does not get on', (host) => {
  it('is stopped after three rounds of the same, with its story and its work where people find them', async () => {
    await using run = await Coordination.start({ host, rules: [stubborn] });

    const issue = await run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(3);
    expect(await labels(run, issue)).toEqual(['mosaic/needs-attention']);
    const head = (await run.scene.resolve(DRAFT)) ?? '';
    expect(await run.scene.readFile(head, 'answer.txt')).toBe('wrong');
    expect(await run.scene.resolve('coordinator/1-make-it-right')).toBeNull();
    expect(await run.scene.pullRequests()).toEqual([]);
    const [told, ...others] = await stories(run, issue);
    expect(others).toEqual([]);
    expect(told).toContain('3 rounds in a row left the same work with the same failures');
    expect(told).toMatch(/\| 3 \| [0-9a-f]{12} \| .*test.* \| 1 file changed/);
    expect(told).toContain(`\`${DRAFT}\``);
    expect(told).toContain('Comment on this issue');
  });

  it('has the verdict as statuses of its branch, each with a link to the story', async () => {
    await using run = await Coordination.start({ host, rules: [stubborn] });

    const issue = await run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    const head = (await run.scene.resolve(DRAFT)) ?? '';
    const statuses = await run.scene.statuses(head);
    expect(statuses.map(({ context, state }) => `${context} ${state}`)).toEqual([
      'mosaic/build success',
      'mosaic/lint success',
      'mosaic/test failure',
      'mosaic/coverage success',
    ]);
    const story = (await run.scene.comments(issue)).find(({ body }) =>
      body.startsWith('**The work on this issue was stopped.**'),
    );
    expect(new Set(statuses.map(({ targetUrl }) => targetUrl))).toEqual(new Set([story?.url]));
  });

  it('is stopped when it goes in a circle', async () => {
    const steps = ['wrong', 'worse', 'wrong', 'worse', 'wrong', 'worse'];
    let turn = 0;
    await using run = await Coordination.start({
      host,
      environment: { MAX_REJECTIONS: '9' },
      rules: [
        agentRule(1, [
          () => callTool('write', { path: 'answer.txt', content: steps[turn++] ?? 'wrong' }),
          say('Done.'),
        ]),
      ],
    });

    const issue = await run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(4);
    expect((await stories(run, issue))[0]).toContain('came back to work that had been rejected before');
  });

  it('is not counted anew after a kill in between', async () => {
    await using run = await Coordination.start({ host, rules: [stubborn] });
    const issue = await run.assigned();

    await run.service.line('Agent sent back', { rejections: 1 });
    await run.service.kill();
    await run.restart();
    await run.service.line('Agent sent back', { rejections: 2 });
    await run.service.kill();
    await run.restart();
    await run.reaches(issue, 'needs_attention');

    const { progress } = await run.job(issue);
    expect(progress).toMatchObject({ rejections: 3 });
    expect(progress.rounds).toHaveLength(3);
    expect(progress.turns).toBeGreaterThanOrEqual(3);
  });

  it('goes on with what a person says, in fresh rounds, and its draft is gone when it is published', async () => {
    await using run = await Coordination.start({
      host,
      rules: [agentRule(1, [writeAnswer('right'), say('Now it is right.')], isToldTheAnswer), stubborn],
    });
    const issue = await run.assigned();
    await stopIsShown(run, issue);

    await run.scene.comment(issue, 'It has to say: right <!-- and hide this -->');
    await run.reaches(issue, 'in_review');
    await run.stop();

    const told = run.model.requests.map(({ conversation }) => conversation).find(isToldTheAnswer);
    expect(told?.lastPrompt).toContain('- test failed: 1 of 1 test failed');
    expect(told?.lastPrompt).not.toContain('hide this');
    expect(await run.scene.pullRequests()).toHaveLength(1);
    expect(await run.scene.resolve(DRAFT)).toBeNull();
    expect(await stories(run, issue)).toHaveLength(1);
    expect(await labels(run, issue)).toEqual(['mosaic/in-review']);
  });

  it('goes on as it is when its label is taken away, also while nobody was there to see it', async () => {
    await using run = await Coordination.start({ host, rules: [stubborn] });
    const issue = await run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    await run.scene.removeLabel(issue, 'mosaic/needs-attention');
    await run.restart();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(3);
    expect(await stories(run, issue)).toHaveLength(2);
    expect(await labels(run, issue)).toEqual(['mosaic/needs-attention']);
  });

  it('is not begun again by its own comments, by old ones, or by those of people who have no say', async () => {
    await using run = await Coordination.start({
      host,
      rules: [stubborn],
      environment: { SWEEP_INTERVAL_SECONDS: '5', LOOP_INTERVAL_SECONDS: '1', LOG_LEVEL: 'debug' },
    });
    const issue = await run.scene.openIssue('Make it right', issueBody());
    await run.scene.comment(issue, 'Long ago');
    await run.scene.assign(issue);
    await stopIsShown(run, issue);

    await run.scene.comment(issue, 'Spend more money', 'stranger');
    await run.scene.comment(issue, 'I am the bot', 'bot');
    await run.told();
    // A sweep and more: it has seen them, whether or not a webhook told of them.
    await run.service.line('Loop ticked', {}, run.service.linesOf('Loop ticked').length + 7);
    await run.stop();

    expect(run.service.linesOf('Run started')).toEqual([]);
    expect((await run.scene.resolve(DRAFT)) === null).toBe(false);
  });

  it('is kept when it is unassigned in the middle of it', async () => {
    await using run = await Coordination.start({
      host,
      rules: [
        agentRule(1, [writeAnswer('right'), say('Done.')], isSentBack),
        agentRule(1, [writeAnswer('half'), runCommand('sleep 60')]),
      ],
    });
    const issue = await run.assigned();
    await run.service.line('Agent acted', { tool: 'bash' });

    await run.scene.unassign(issue);
    await run.service.line('Draft kept', { branch: DRAFT });
    await run.stop();

    const head = (await run.scene.resolve(DRAFT)) ?? '';
    expect(await run.scene.readFile(head, 'answer.txt')).toBe('half');
    expect((await run.scene.comments(issue)).map(({ body }) => body).join()).toContain(DRAFT);
  });
});
