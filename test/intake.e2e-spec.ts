import { describe, expect, it, jest } from '@jest/globals';

import { Coordination, PERSON, BOT, estimateRule, issueBody } from './support/start-coordination.js';

jest.setTimeout(60_000);

const blockedBy = (number: number): string => issueBody(`## Dependencies\n- Blocked by: #${number}\n`);

describe('Intake', () => {
  it('starts a blocked issue only after its blocker is closed', async () => {
    await using run = await Coordination.start({ environment: { LOG_LEVEL: 'debug', LOOP_INTERVAL_SECONDS: '1' } });
    const blocker = run.gitea.openIssue(run.repository, { title: 'First this' }, { by: PERSON });
    const issue = run.assigned('Then that', blockedBy(blocker.number));
    await run.reaches(issue, 'pending');
    const { why } = await run.job(issue);
    // What was delivered so far is acted upon: from here on only the blocker's closing says anything.
    await run.gitea.idle();
    await run.service.line('Loop ticked', {}, run.service.linesOf('Loop ticked').length + 2);

    run.gitea.closeIssue(blocker, { by: PERSON });
    await run.reaches(issue, 'in_review');

    expect(why).toBe('Waits for acme/tools#1 (is not with the bot).');
    const moves = run.service.linesOf('Job moved', { issue: 'acme/tools#2' });
    expect(moves.map(({ to }) => to)).toEqual(['pending', 'available', 'running', 'in_review']);
    expect(moves[1]).toMatchObject({ reason: 'acme/tools#1 is finished' });
  });

  it('starts an issue that Gitea links as blocked only after its blocker is merged', async () => {
    await using run = await Coordination.start();
    const first = run.gitea.openIssue(run.repository, { title: 'First', body: issueBody() }, { by: PERSON });
    const second = run.gitea.openIssue(run.repository, { title: 'Second', body: issueBody() }, { by: PERSON });
    run.gitea.addDependency(second, first);
    run.gitea.assign(second, [BOT], { by: PERSON });
    await run.reaches(second, 'pending');

    run.gitea.assign(first, [BOT], { by: PERSON });
    await run.reaches(first, 'in_review');
    const { state } = await run.job(second);
    const [pull] = run.pullRequests;
    await run.gitea.mergePullRequest(run.repository, pull?.number ?? 0, { by: PERSON });
    await run.reaches(second, 'running');
    await run.reaches(first, 'completed');

    expect(state).toBe('pending');
  });

  it('names a circle on the issues that are in it, and holds nobody else up', async () => {
    await using run = await Coordination.start();
    const first = run.assigned('Egg', blockedBy(2));
    const second = run.assigned('Hen', blockedBy(1));
    const third = run.assigned('Fox');
    await run.reaches(third, 'in_review');
    await run.stop();

    for (const issue of [first, second]) {
      const [comment] = run.comments(issue);
      expect(comment?.body).toContain('Waits in a circle that an edit of one of its issues must break');
      expect(comment?.body).toMatch(/acme\/tools#\d → acme\/tools#\d → acme\/tools#\d/);
    }
  });

  it('lets a model read an issue without structure', async () => {
    await using run = await Coordination.start({ rules: [estimateRule()] });

    const issue = run.assigned('The answer is wrong', 'Somebody who asks gets the wrong answer. Please put it right.');
    const parsed = await run.service.line('Issue parsed');
    await run.reaches(issue, 'in_review');

    expect(parsed).toMatchObject({ source: 'model', estimatedTokens: 18_000, difficulty: 'easy', confidence: 0.75 });
    expect(run.comments(issue)).toHaveLength(1);
  });

  it('shows its guess in a comment where it is not sure, and begins', async () => {
    await using run = await Coordination.start({ rules: [estimateRule({ confidence: 0.45 })] });

    const issue = run.assigned('The answer is wrong', 'Somebody who asks gets the wrong answer. Please put it right.');
    await run.reaches(issue, 'in_review');
    await run.stop();

    const guesses = run.comments(issue).filter(({ body }) => body.includes('queued on a guess'));
    expect(guesses).toMatchObject([{ body: expect.stringContaining('Confidence: 45 %') }]);
  });

  it('asks for what is missing before it queues anything, and begins once the issue was edited', async () => {
    await using run = await Coordination.start();
    const issue = run.assigned('Fix', '');
    await run.reaches(issue, 'needs_attention');
    const movesBefore = run.service.linesOf('Job moved').map(({ to }) => to);
    await run.stop();
    const asked = run.comments(issue).find(({ body }) => body.includes('says too little for an agent'));

    run.gitea.editIssue(issue, { body: issueBody() }, { by: PERSON });
    await run.restart();
    await run.reaches(issue, 'in_review');

    expect(movesBefore).not.toContain('running');
    const settled = run.comments(issue).filter(({ body }) => body.includes('<!-- mosaic:questions -->'));
    expect(settled).toMatchObject([{ id: asked?.id, body: expect.stringContaining('That is settled') }]);
    expect(run.pullRequests).toHaveLength(1);
  });

  it('says of an issue that is too much for every agent why, and how to cut it', async () => {
    await using run = await Coordination.start();

    const issue = run.assigned('Rewrite it all', issueBody('', '900,000', 'hard'));
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    const comment = run.comments(issue).find(({ body }) => body.includes('No agent profile can take this issue'));
    expect(comment?.body).toMatch(/- opus: .*\n- sonnet: .*\n- haiku: .*\n- glm: .*\n- minimax: /);
    expect(comment?.body).toMatch(/It would fit as 2 issues/);
    expect(
      run.gitea
        .issue(issue)
        .labels.map(({ name }) => name)
        .sort(),
    ).toEqual(['mosaic-size/too-large', 'mosaic/needs-attention']);
  });

  it('finds by its sweep what no webhook told', async () => {
    await using run = await Coordination.start({
      environment: { SWEEP_INTERVAL_SECONDS: '5', LOOP_INTERVAL_SECONDS: '1' },
    });
    run.gitea.holdDeliveries();

    const issue = run.assigned();
    await run.reaches(issue, 'in_review');
    run.gitea.unassign(issue, [BOT], { by: PERSON });
    await run.reaches(issue, 'cancelled');

    expect(run.gitea.deliveries.every(({ status }) => status === null)).toBe(true);
    expect(run.service.linesOf('Delivery accepted')).toEqual([]);
    expect(run.pullRequests).toHaveLength(1);
  });

  it('ends in the same state when an old delivery is replayed under a new id', async () => {
    await using run = await Coordination.start();
    const issue = run.assigned();
    await run.reaches(issue, 'in_review');
    run.gitea.unassign(issue, [BOT], { by: PERSON });
    await run.reaches(issue, 'cancelled');
    const assigned = run.gitea.deliveries.find(({ body }) => body.includes('"action": "assigned"'));

    run.gitea.replay(assigned?.id ?? '');
    await run.service.line('Delivery accepted', {}, run.service.linesOf('Delivery accepted').length + 1);
    await run.stop();

    expect(run.service.linesOf('Job moved').at(-1)).toMatchObject({ to: 'cancelled' });
    expect(run.service.linesOf('Run started')).toHaveLength(1);
  });
});
