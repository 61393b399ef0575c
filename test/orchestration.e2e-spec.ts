import { describe, expect, it, jest } from '@jest/globals';

import { formatIssueRef } from '../src/kernel/index.js';
import { say } from '../src/testing/index.js';
import { HeldCommands } from './support/held-commands.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { Coordination, agentRule, isSentBack, runCommand, writeAnswer } from './support/start-coordination.js';

jest.setTimeout(120_000);

const wrongThenRight = [
  agentRule(1, [writeAnswer('right'), say('Now it is right.')], isSentBack),
  agentRule(1, [writeAnswer('wrong'), say('All gates pass, believe me.')]),
];

describeOnEveryGitea('An assigned issue', (host) => {
  it('becomes a pull request whose gates passed', async () => {
    await using run = await Coordination.start({ host });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    expect(await run.scene.pullRequests()).toMatchObject([
      { state: 'open', body: expect.stringMatching(/^Closes #1\n/) },
    ]);
    const [pull] = await run.scene.pullRequests();
    expect(pull).toMatchObject({ baseBranch: 'main', headBranch: 'coordinator/1-make-it-right' });
    const commit = pull?.headCommit ?? '';
    expect(await run.scene.readFile(commit, 'answer.txt')).toBe('right');
    expect((await run.scene.statuses(commit)).map(({ context, state }) => `${context} ${state}`)).toEqual([
      'mosaic/build success',
      'mosaic/lint success',
      'mosaic/test success',
      'mosaic/coverage success',
    ]);
    expect(await run.scene.labels(issue)).toEqual(['mosaic/in-review']);
    expect(run.model.unanswered).toEqual([]);
  });

  it('has one status comment, which is edited in place', async () => {
    await using run = await Coordination.start({ host, rules: wrongThenRight });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    expect(await run.scene.comments(issue)).toMatchObject([{ body: expect.stringContaining('**Ready for review.**') }]);
  });

  it('goes back to its agent with the evidence until the gates pass', async () => {
    await using run = await Coordination.start({ host, rules: wrongThenRight });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');

    expect(await run.job(issue)).toMatchObject({ state: 'in_review', progress: { rejections: 1 } });
    const sentBack = run.model.requests.map(({ conversation }) => conversation).find(isSentBack);
    expect(sentBack?.lastPrompt).toContain('expected right');
    expect(sentBack?.firstPrompt).toContain(`Issue ${formatIssueRef(issue)}`);
    expect(run.service.linesOf('Gates decided').map(({ passed }) => passed)).toEqual([false, true]);
    expect(await run.scene.pullRequests()).toHaveLength(1);
  });

  it('is handed to a person when the gates rejected it as often as they may', async () => {
    await using run = await Coordination.start({
      host,
      rules: [agentRule(1, [writeAnswer('wrong'), say('Done!')])],
      environment: { MAX_REJECTIONS: '2' },
    });

    const issue = await run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(await run.scene.pullRequests()).toEqual([]);
    expect(run.service.linesOf('Gates decided')).toHaveLength(2);
    expect(await run.scene.labels(issue)).toEqual(['mosaic/needs-attention']);
    const [comment] = await run.scene.comments(issue);
    expect(comment?.body).toContain('A person is needed');
    expect(comment?.body).toContain('The work was rejected 2 times, which is the limit');
  });

  it('is left alone once it is unassigned, whatever its agent was doing', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      host,
      environment: held.environment,
      rules: [agentRule(1, [runCommand(held.script('working'))])],
    });
    const issue = await run.assigned();
    await held.arrived('working');

    await run.scene.unassign(issue);
    await run.reaches(issue, 'cancelled');

    await held.gone('working');
    await run.service.line('Run ended', { outcome: 'cancelled' });
    await run.stop();
    expect(await run.scene.pullRequests()).toEqual([]);
    expect(await run.scene.resolve('coordinator/1-make-it-right')).toBeNull();
    expect(await run.scene.labels(issue)).toEqual(['mosaic/cancelled']);
  });

  it('shows its agent no secret of the configuration, and the log none either', async () => {
    await using run = await Coordination.start({
      host,
      rules: [
        agentRule(1, [runCommand('env; git config --list; cat .git/config'), writeAnswer('right'), say('Done.')]),
      ],
      environment: { LOG_LEVEL: 'debug' },
    });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    const shown = JSON.stringify(run.model.requests.map(({ conversation }) => conversation.request));
    expect(shown).toContain('MOSAIC_COMMAND=');
    expect(run.service.lines.some(({ level }) => level === 'debug')).toBe(true);
    const secrets = Object.values(run.secrets);
    expect(secrets).toHaveLength(4);
    for (const secret of secrets) {
      expect(shown).not.toContain(secret);
      expect(run.service.text).not.toContain(secret);
    }
  });

  it('is done when its pull request is merged', async () => {
    await using run = await Coordination.start({ host });
    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');

    await run.scene.merge(2);
    await run.reaches(issue, 'completed');
    await run.stop();

    expect(await run.scene.comments(issue)).toMatchObject([{ body: expect.stringContaining('**Done.**') }]);
    expect(await run.scene.labels(issue)).toEqual(['mosaic/completed']);
  });

  it('begins anew, on what was merged, when it is opened again', async () => {
    await using run = await Coordination.start({
      host,
      rules: [agentRule(1, [runCommand('echo >> rounds.txt; printf right > answer.txt'), say('Done.')])],
    });
    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    const [first] = await run.scene.pullRequests();
    await run.scene.merge(first?.number ?? 0);
    await run.reaches(issue, 'completed');
    await run.scene.deleteBranch('coordinator/1-make-it-right');

    await run.scene.reopen(issue);
    await run.reaches(issue, 'in_review', 2);

    expect((await run.scene.pullRequests()).map(({ state }) => state)).toEqual(['closed', 'open']);
    const head = (await run.scene.pullRequests())[1]?.headCommit ?? '';
    expect(await run.scene.readFile(head, 'rounds.txt')).toBe('\n\n');
  });
});

describe('What is written for an issue (as the fake counts it)', () => {
  it('is one comment on the issue, edited in place, and one on its pull request', async () => {
    await using run = await Coordination.start({ rules: wrongThenRight });

    const issue = await run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    const byBot = run.fake.requests.filter(({ user }) => user === run.scene.bot);
    const written = byBot.filter(({ method, path }) => method !== 'GET' && path.includes('/comments'));
    const posted = written.filter(({ method }) => method === 'POST');
    // The other one holds the evidence of the gates, on the pull request.
    expect(posted.map(({ path }) => /issues\/\d+/.exec(path)?.[0])).toEqual(['issues/1', 'issues/2']);
    expect(written.length).toBeGreaterThan(posted.length);
    expect(written.every(({ status }) => status === 201 || status === 200)).toBe(true);
  });
});
