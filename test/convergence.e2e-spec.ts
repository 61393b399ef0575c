import { describe, expect, it, jest } from '@jest/globals';

import { callTool, say, type ModelConversation } from '../src/testing/index.js';
import type { IssueRef } from '../src/kernel/index.js';
import {
  BOT,
  Coordination,
  PERSON,
  REPOSITORY,
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

function labels(run: Coordination, issue: IssueRef): readonly string[] {
  return run.gitea.issue(issue).labels.map(({ name }) => name);
}

/** The comments that tell the story of a stop. */
function stories(run: Coordination, issue: IssueRef): readonly string[] {
  return run
    .comments(issue)
    .map(({ body }) => body)
    .filter((body) => body.startsWith('**The work on this issue was stopped.**'));
}

/** Resolves when people can see that the job was stopped: then they can answer. */
async function stopIsShown(run: Coordination, issue: IssueRef): Promise<void> {
  await run.reaches(issue, 'needs_attention');
  await run.stop();
  await run.restart();
}

describe('Work that does not get on', () => {
  it('is stopped after three rounds of the same, with its story and its work where people find them', async () => {
    await using run = await Coordination.start({ rules: [stubborn] });

    const issue = run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(3);
    expect(labels(run, issue)).toEqual(['mosaic/needs-attention']);
    const head = (await run.gitea.resolve(REPOSITORY, DRAFT)) ?? '';
    expect(await run.gitea.readFile(REPOSITORY, head, 'answer.txt')).toBe('wrong');
    expect(await run.gitea.resolve(REPOSITORY, 'coordinator/1-make-it-right')).toBeNull();
    expect(run.pullRequests).toEqual([]);
    const [told, ...others] = stories(run, issue);
    expect(others).toEqual([]);
    expect(told).toContain('3 rounds in a row left the same work with the same failures');
    expect(told).toMatch(/\| 3 \| [0-9a-f]{12} \| .*test.* \| 1 file changed/);
    expect(told).toContain(`\`${DRAFT}\``);
    expect(told).toContain('Comment on this issue');
  });

  it('has the verdict as statuses of its branch, each with a link to the story', async () => {
    await using run = await Coordination.start({ rules: [stubborn] });

    const issue = run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    const head = (await run.gitea.resolve(REPOSITORY, DRAFT)) ?? '';
    const statuses = run.gitea.statuses(REPOSITORY, head);
    expect(statuses.map(({ context, state }) => `${context} ${state}`)).toEqual([
      'mosaic/build success',
      'mosaic/lint success',
      'mosaic/test failure',
      'mosaic/coverage success',
    ]);
    const story = run.comments(issue).find(({ body }) => body.startsWith('**The work on this issue was stopped.**'));
    expect(new Set(statuses.map(({ targetUrl }) => targetUrl))).toEqual(
      new Set([`${run.gitea.url}/acme/tools/issues/1#issuecomment-${story?.id}`]),
    );
  });

  it('is stopped when it goes in a circle', async () => {
    const steps = ['wrong', 'worse', 'wrong', 'worse', 'wrong', 'worse'];
    let turn = 0;
    await using run = await Coordination.start({
      environment: { MAX_REJECTIONS: '9' },
      rules: [
        agentRule(1, [
          () => callTool('write', { path: 'answer.txt', content: steps[turn++] ?? 'wrong' }),
          say('Done.'),
        ]),
      ],
    });

    const issue = run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(4);
    expect(stories(run, issue)[0]).toContain('came back to work that had been rejected before');
  });

  it('is not counted anew after a kill in between', async () => {
    await using run = await Coordination.start({ rules: [stubborn] });
    const issue = run.assigned();

    await run.service.line('Agent sent back', { rejections: 1 });
    await run.service.kill();
    await run.restart();
    await run.service.line('Agent sent back', { rejections: 2 });
    await run.service.kill();
    await run.restart();
    await run.reaches(issue, 'needs_attention');

    const { progress } = await run
      .ask<{ job: { progress: { rounds: unknown[]; turns: number; rejections: number } } }>('/api/jobs/acme/tools/1')
      .then(({ job }) => job);
    expect(progress).toMatchObject({ rejections: 3 });
    expect(progress.rounds).toHaveLength(3);
    expect(progress.turns).toBeGreaterThanOrEqual(3);
  });

  it('goes on with what a person says, in fresh rounds, and its draft is gone when it is published', async () => {
    await using run = await Coordination.start({
      rules: [agentRule(1, [writeAnswer('right'), say('Now it is right.')], isToldTheAnswer), stubborn],
    });
    const issue = run.assigned();
    await stopIsShown(run, issue);

    run.gitea.comment(issue, 'It has to say: right <!-- and hide this -->', { by: PERSON });
    await run.reaches(issue, 'in_review');
    await run.stop();

    const told = run.model.requests.map(({ conversation }) => conversation).find(isToldTheAnswer);
    expect(told?.lastPrompt).toContain('- test failed: 1 of 1 test failed');
    expect(told?.lastPrompt).not.toContain('hide this');
    expect(run.pullRequests).toHaveLength(1);
    expect(await run.gitea.resolve(REPOSITORY, DRAFT)).toBeNull();
    expect(stories(run, issue)).toHaveLength(1);
    expect(labels(run, issue)).toEqual(['mosaic/in-review']);
  });

  it('goes on as it is when its label is taken away, also while nobody was there to see it', async () => {
    await using run = await Coordination.start({ rules: [stubborn] });
    const issue = run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    run.gitea.removeLabel(issue, 'mosaic/needs-attention', { by: PERSON });
    await run.restart();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.service.linesOf('Gates decided')).toHaveLength(3);
    expect(stories(run, issue)).toHaveLength(2);
    expect(labels(run, issue)).toEqual(['mosaic/needs-attention']);
  });

  it('is not begun again by its own comments, by old ones, or by those of people who have no say', async () => {
    await using run = await Coordination.start({ rules: [stubborn] });
    run.gitea.createUser('stranger');
    const issue = run.gitea.openIssue(REPOSITORY, { title: 'Make it right', body: issueBody() }, { by: PERSON });
    run.gitea.comment(issue, 'Long ago', { by: PERSON });
    run.gitea.assign(issue, [BOT], { by: PERSON });
    await stopIsShown(run, issue);

    run.gitea.comment(issue, 'Spend more money', { by: 'stranger' });
    run.gitea.comment(issue, 'I am the bot', { by: BOT });
    await run.service.line('Delivery accepted', { kind: 'issue_comment' }, 2);
    await run.stop();

    expect(run.service.linesOf('Run started')).toEqual([]);
    expect((await run.gitea.resolve(REPOSITORY, DRAFT)) === null).toBe(false);
  });

  it('is kept when it is unassigned in the middle of it', async () => {
    await using run = await Coordination.start({
      rules: [
        agentRule(1, [writeAnswer('right'), say('Done.')], isSentBack),
        agentRule(1, [writeAnswer('half'), runCommand('sleep 60')]),
      ],
    });
    const issue = run.assigned();
    await run.service.line('Agent acted', { tool: 'bash' });

    run.gitea.unassign(issue, [BOT], { by: PERSON });
    await run.service.line('Draft kept', { branch: DRAFT });
    await run.stop();

    const head = (await run.gitea.resolve(REPOSITORY, DRAFT)) ?? '';
    expect(await run.gitea.readFile(REPOSITORY, head, 'answer.txt')).toBe('half');
    expect(
      run
        .comments(issue)
        .map(({ body }) => body)
        .join(),
    ).toContain(DRAFT);
  });
});
