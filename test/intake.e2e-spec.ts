import { describe, expect, it, jest } from '@jest/globals';

import { formatIssueRef } from '../src/kernel/index.js';
import { answerJson, type ModelConversation } from '../src/testing/index.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { Coordination, estimateRule, gatesWith, issueBody } from './support/start-coordination.js';

jest.setTimeout(120_000);

const isQuestion = ({ outputSchema }: ModelConversation): boolean => outputSchema !== null;
/** What a model cuts an issue into that is too much for every agent. */
const PARTS = [1, 2].map((number) => ({
  title: `Part ${number}`,
  objective: `Do the part that comes as number ${number} of the whole, and nothing else.`,
  estimated_tokens: 20_000,
  difficulty: 'easy',
  acceptance_criteria: ['it is done'],
  after: number === 2 ? [1] : [],
}));

const blockedBy = (number: number): string => issueBody(`## Dependencies\n- Blocked by: #${number}\n`);

describeOnEveryGitea('Intake', (host) => {
  it('starts a blocked issue only after its blocker is closed', async () => {
    await using run = await Coordination.start({
      host,
      environment: { LOG_LEVEL: 'debug', LOOP_INTERVAL_SECONDS: '1' },
    });
    const blocker = await run.scene.openIssue('First this');
    const issue = await run.assigned('Then that', blockedBy(blocker.number));
    await run.reaches(issue, 'pending');
    const { why } = await run.job(issue);
    // What was delivered so far is acted upon: from here on only the blocker's closing says anything.
    await run.told();
    await run.service.line('Loop ticked', {}, run.service.linesOf('Loop ticked').length + 2);

    await run.scene.close(blocker);
    await run.reaches(issue, 'in_review');

    expect(why).toBe(`Waits for ${formatIssueRef(blocker)} (is not with the bot).`);
    const moves = run.service.linesOf('Job moved', { issue: formatIssueRef(issue) });
    expect(moves.map(({ to }) => to)).toEqual(['pending', 'available', 'running', 'in_review']);
    expect(moves[1]).toMatchObject({ reason: `${formatIssueRef(blocker)} is finished` });
  });

  it('starts an issue that Gitea links as blocked only after its blocker is merged', async () => {
    await using run = await Coordination.start({ host });
    const first = await run.scene.openIssue('First', issueBody());
    const second = await run.scene.openIssue('Second', issueBody());
    await run.scene.block(second, first);
    await run.scene.assign(second);
    await run.reaches(second, 'pending');

    await run.scene.assign(first);
    await run.reaches(first, 'in_review');
    const { state } = await run.job(second);
    const [pull] = await run.scene.pullRequests();
    await run.scene.merge(pull?.number ?? 0);
    await run.reaches(second, 'running');
    await run.reaches(first, 'completed');

    expect(state).toBe('pending');
  });

  it('names a circle on the issues that are in it, and holds nobody else up', async () => {
    await using run = await Coordination.start({ host });
    const first = await run.assigned('Egg', blockedBy(2));
    const second = await run.assigned('Hen', blockedBy(1));
    const third = await run.assigned('Fox');
    await run.reaches(third, 'in_review');
    await run.stop();

    for (const issue of [first, second]) {
      const [comment] = await run.scene.comments(issue);
      expect(comment?.body).toContain('Waits in a circle that an edit of one of its issues must break');
      expect(comment?.body).toMatch(/[\w-]+\/[\w-]+#\d → [\w-]+\/[\w-]+#\d → [\w-]+\/[\w-]+#\d/);
    }
  });

  it('lets a model read an issue without structure', async () => {
    await using run = await Coordination.start({ host, rules: [estimateRule()] });

    const issue = await run.assigned(
      'The answer is wrong',
      'Somebody who asks gets the wrong answer. Please put it right.',
    );
    const parsed = await run.service.line('Issue parsed');
    await run.reaches(issue, 'in_review');

    expect(parsed).toMatchObject({ source: 'model', estimatedTokens: 18_000, difficulty: 'easy', confidence: 0.75 });
    expect(await run.scene.comments(issue)).toHaveLength(1);
  });

  it('shows its guess in a comment where it is not sure, and begins', async () => {
    await using run = await Coordination.start({ host, rules: [estimateRule({ confidence: 0.45 })] });

    const issue = await run.assigned(
      'The answer is wrong',
      'Somebody who asks gets the wrong answer. Please put it right.',
    );
    await run.reaches(issue, 'in_review');
    await run.stop();

    const guesses = (await run.scene.comments(issue)).filter(({ body }) => body.includes('queued on a guess'));
    expect(guesses).toMatchObject([{ body: expect.stringContaining('Confidence: 45 %') }]);
  });

  it('asks for what is missing before it queues anything, and begins once the issue was edited', async () => {
    await using run = await Coordination.start({ host });
    const issue = await run.assigned('Fix', '');
    await run.reaches(issue, 'needs_attention');
    const movesBefore = run.service.linesOf('Job moved').map(({ to }) => to);
    await run.stop();
    const asked = (await run.scene.comments(issue)).filter(({ body }) => body.includes('says too little for an agent'));

    await run.scene.edit(issue, issueBody());
    await run.restart();
    await run.reaches(issue, 'in_review');

    expect(movesBefore).not.toContain('running');
    const settled = (await run.scene.comments(issue)).map(({ body }) => body);
    expect([asked.length, settled.filter((body) => body.includes('says too little')).length]).toEqual([1, 0]);
    expect(settled.filter((body) => body.includes('That is settled'))).toHaveLength(1);
    expect(await run.scene.pullRequests()).toHaveLength(1);
  });

  it('says of an issue that is too much for every agent why, and how to cut it', async () => {
    const part = { objective: 'What the title says.', difficulty: 'easy', acceptance_criteria: ['it is done'] };
    const parts = ['Rewrite one half', 'Rewrite the other'].map((title, after) => ({
      ...part,
      title,
      estimated_tokens: 90_000,
      after: after === 0 ? [] : [after],
    }));
    const cutting = { name: 'cutting', when: isQuestion, reply: answerJson({ parts }) };
    await using run = await Coordination.start({ host, rules: [cutting] });

    const issue = await run.assigned('Rewrite it all', issueBody('', '900,000', 'hard'));
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    const comment = (await run.scene.comments(issue)).find(({ body }) =>
      body.includes('No agent profile can take this issue'),
    );
    expect(comment?.body).toMatch(/- opus: .*\n- sonnet: .*\n- haiku: .*\n- glm: .*\n- minimax: /);
    expect(comment?.body).toMatch(/It would fit as 2 issues/);
    expect(comment?.body).toContain(
      '1. **Rewrite one half**: What the title says. (90,000 tokens, easy, 1 criterion)\n' +
        '2. **Rewrite the other**: What the title says. (90,000 tokens, easy, 1 criterion, after 1)',
    );
    expect(await run.scene.issues()).toHaveLength(1);
    expect(await run.scene.labels(issue)).toEqual(['mosaic-size/too-large', 'mosaic/needs-attention']);
  });

  it('opens the parts of an issue that is too much for every agent, where the repository wants it', async () => {
    await using run = await Coordination.start({
      host,
      gates: `decompose: true\n${gatesWith('true')}`,
      rules: [
        { name: 'parts', when: ({ outputSchema }) => outputSchema !== null, reply: answerJson({ parts: PARTS }) },
      ],
    });

    const issue = await run.assigned('Rewrite it all', issueBody('', '900,000', 'hard'));
    await run.scene.gitea.until(
      () => run.scene.labels(issue),
      (labels) => labels.includes('epic'),
    );
    await run.stop();

    const [, one, two] = await run.scene.issues();
    expect(one && (await run.scene.issue(one))).toMatchObject({
      title: 'Part 1',
      author: run.scene.bot,
      assignees: [],
    });
    expect((await run.scene.blockersOf(issue)).map(({ number }) => number).toSorted((a, b) => a - b)).toEqual([2, 3]);
    expect(two && (await run.scene.blockersOf(two))).toEqual([one]);
  });

  it('finds by its sweep what no webhook told', async () => {
    await using run = await Coordination.start({
      host,
      environment: { SWEEP_INTERVAL_SECONDS: '5', LOOP_INTERVAL_SECONDS: '1' },
    });
    await run.scene.tellNobody();

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.scene.unassign(issue);
    await run.reaches(issue, 'cancelled');

    expect(run.service.linesOf('Delivery accepted')).toEqual([]);
    expect(await run.scene.pullRequests()).toHaveLength(1);
  });
});

describe('Intake from a Gitea whose deliveries can be replayed (the fake)', () => {
  it('ends in the same state when an old delivery is replayed under a new id', async () => {
    await using run = await Coordination.start();
    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.scene.unassign(issue);
    await run.reaches(issue, 'cancelled');
    const assigned = run.fake.deliveries.find(({ body }) => body.includes('"action": "assigned"'));

    run.fake.replay(assigned?.id ?? '');
    await run.service.line('Delivery accepted', {}, run.service.linesOf('Delivery accepted').length + 1);
    await run.stop();

    expect(run.service.linesOf('Job moved').at(-1)).toMatchObject({ to: 'cancelled' });
    expect(run.service.linesOf('Run started')).toHaveLength(1);
  });
});
