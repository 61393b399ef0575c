import { describe, expect, it, jest } from '@jest/globals';

import { say } from '../src/testing/index.js';
import { HeldCommands } from './support/held-commands.js';
import { git } from './support/start-git-workspaces.js';
import {
  BOT,
  Coordination,
  PERSON,
  REPOSITORY,
  agentRule,
  isSentBack,
  runCommand,
  writeAnswer,
} from './support/start-coordination.js';

jest.setTimeout(60_000);

const wrongThenRight = [
  agentRule(1, [writeAnswer('right'), say('Now it is right.')], isSentBack),
  agentRule(1, [writeAnswer('wrong'), say('All gates pass, believe me.')]),
];

describe('An assigned issue', () => {
  it('becomes a pull request whose gates passed', async () => {
    await using run = await Coordination.start();

    const issue = run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    expect(run.pullRequests).toMatchObject([{ state: 'open', body: expect.stringMatching(/^Closes #1\n/) }]);
    const [pull] = run.pullRequests;
    expect(pull?.pull).toMatchObject({ baseBranch: 'main', headBranch: 'coordinator/1-make-it-right' });
    const commit = pull?.pull?.headCommit ?? '';
    expect(await run.gitea.readFile(REPOSITORY, commit, 'answer.txt')).toBe('right');
    expect(run.gitea.statuses(REPOSITORY, commit).map(({ context, state }) => `${context} ${state}`)).toEqual([
      'mosaic/build success',
      'mosaic/lint success',
      'mosaic/test success',
      'mosaic/coverage success',
    ]);
    expect(run.gitea.issue(issue).labels.map(({ name }) => name)).toEqual(['mosaic/in-review']);
    expect(run.model.unanswered).toEqual([]);
  });

  it('has one status comment, which is edited in place', async () => {
    await using run = await Coordination.start({ rules: wrongThenRight });

    const issue = run.assigned();
    await run.reaches(issue, 'in_review');
    await run.stop();

    expect(run.comments(issue)).toMatchObject([{ body: expect.stringContaining('**Ready for review.**') }]);
    const written = run.gitea.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/comments'));
    const posted = written.filter(({ method }) => method === 'POST');
    // The other one holds the evidence of the gates, on the pull request.
    expect(posted.map(({ path }) => /issues\/\d+/.exec(path)?.[0])).toEqual(['issues/1', 'issues/2']);
    expect(written.length).toBeGreaterThan(posted.length);
    expect(written.every(({ status }) => status === 201 || status === 200)).toBe(true);
  });

  it('goes back to its agent with the evidence until the gates pass', async () => {
    await using run = await Coordination.start({ rules: wrongThenRight });

    const issue = run.assigned();
    await run.reaches(issue, 'in_review');

    expect(await run.job(issue)).toMatchObject({ state: 'in_review', progress: { rejections: 1 } });
    const sentBack = run.model.requests.map(({ conversation }) => conversation).find(isSentBack);
    expect(sentBack?.lastPrompt).toContain('expected right');
    expect(sentBack?.firstPrompt).toContain('Issue acme/tools#1');
    expect(run.service.linesOf('Gates decided').map(({ passed }) => passed)).toEqual([false, true]);
    expect(run.pullRequests).toHaveLength(1);
  });

  it('is handed to a person when the gates rejected it as often as they may', async () => {
    await using run = await Coordination.start({
      rules: [agentRule(1, [writeAnswer('wrong'), say('Done!')])],
      environment: { MAX_REJECTIONS: '2' },
    });

    const issue = run.assigned();
    await run.reaches(issue, 'needs_attention');
    await run.stop();

    expect(run.pullRequests).toEqual([]);
    expect(run.service.linesOf('Gates decided')).toHaveLength(2);
    expect(run.gitea.issue(issue).labels.map(({ name }) => name)).toEqual(['mosaic/needs-attention']);
    const [comment] = run.comments(issue);
    expect(comment?.body).toContain('A person is needed');
    expect(comment?.body).toContain('The work was rejected 2 times, which is the limit');
  });

  it('is left alone once it is unassigned, whatever its agent was doing', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      environment: held.environment,
      rules: [agentRule(1, [runCommand(held.script('working'))])],
    });
    const issue = run.assigned();
    await held.arrived('working');

    run.gitea.unassign(issue, [BOT], { by: PERSON });
    await run.reaches(issue, 'cancelled');

    await held.gone('working');
    await run.service.line('Run ended', { outcome: 'cancelled' });
    await run.stop();
    expect(run.pullRequests).toEqual([]);
    expect(await run.gitea.resolve(REPOSITORY, 'coordinator/1-make-it-right')).toBeNull();
    expect(run.gitea.issue(issue).labels.map(({ name }) => name)).toEqual(['mosaic/cancelled']);
  });

  it('shows its agent no secret of the configuration, and the log none either', async () => {
    await using run = await Coordination.start({
      rules: [
        agentRule(1, [runCommand('env; git config --list; cat .git/config'), writeAnswer('right'), say('Done.')]),
      ],
      environment: { LOG_LEVEL: 'debug' },
    });

    const issue = run.assigned();
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
    await using run = await Coordination.start();
    const issue = run.assigned();
    await run.reaches(issue, 'in_review');

    await run.gitea.mergePullRequest(REPOSITORY, 2, { by: PERSON });
    await run.reaches(issue, 'completed');
    await run.stop();

    expect(run.comments(issue)).toMatchObject([{ body: expect.stringContaining('**Done.**') }]);
    expect(run.gitea.issue(issue).labels.map(({ name }) => name)).toEqual(['mosaic/completed']);
  });

  it('begins anew, on what was merged, when it is opened again', async () => {
    await using run = await Coordination.start({
      rules: [agentRule(1, [runCommand('echo >> rounds.txt; printf right > answer.txt'), say('Done.')])],
    });
    const issue = run.assigned();
    await run.reaches(issue, 'in_review');
    const [first] = run.pullRequests;
    await run.gitea.mergePullRequest(REPOSITORY, first?.number ?? 0, { by: PERSON });
    await run.reaches(issue, 'completed');
    git(run.repository.directory, 'branch', '-D', 'coordinator/1-make-it-right');

    run.gitea.reopen(issue, { by: PERSON });
    await run.reaches(issue, 'in_review', 2);

    expect(run.pullRequests.map(({ state }) => state)).toEqual(['closed', 'open']);
    const head = run.pullRequests[1]?.pull?.headCommit ?? '';
    expect(await run.gitea.readFile(REPOSITORY, head, 'rounds.txt')).toBe('\n\n');
  });
});
