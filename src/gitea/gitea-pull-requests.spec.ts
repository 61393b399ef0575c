import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { describePullRequests, type PullRequestWorld } from '../../test/contracts/pull-requests.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { FakeGitea, SeededRandomness, type FakeGiteaOptions } from '../testing/index.js';
import { GiteaPullRequests } from './gitea-pull-requests.js';
import { GiteaModule } from './gitea.module.js';
import type { GiteaModuleOptions } from './gitea.options.js';

const STATES = { approved: 'APPROVED', changes_requested: 'REQUEST_CHANGES', commented: 'COMMENT' } as const;

async function startPullRequests(server: FakeGiteaOptions = {}, options: Partial<GiteaModuleOptions> = {}) {
  // The root URL is another host on purpose: whoever follows what Gitea writes there fails.
  const gitea = await FakeGitea.start({ users: ['ann', 'bob', 'bot'], rootUrl: 'http://gitea.invalid', ...server });
  const repository = await gitea.createRepository({
    owner: 'ann',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { bot: 'write', bob: 'write' },
  });
  const push = (text: string) =>
    gitea.commit(repository, { branch: 'work', files: { 'new.txt': text } }, { by: 'bot' });
  await push('new\n');
  const pull = gitea.openPullRequest(repository, { title: 'Do it', head: 'work' }, { by: 'bot' });
  const module = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: gitea.createToken('bot'),
        clock: new HastyClock(15_000),
        randomness: new SeededRandomness(),
        ...options,
      }),
    ],
  }).compile();
  const pullRequests = module.get(GiteaPullRequests);
  const end = async (): Promise<void> => {
    await module.close();
    await gitea.close();
  };
  return { gitea, repository, pull, pullRequests, push, end };
}

async function makeWorld(): Promise<PullRequestWorld> {
  const { gitea, repository, pull, pullRequests, push, end } = await startPullRequests({ largestPageSize: 2 });
  return {
    pullRequests,
    pull,
    bot: 'bot',
    review: (verdict, by, { text = '', remarks = [] } = {}) => {
      const lines = remarks.map(({ path, line, text: body }) => ({ path, line, body }));
      return gitea.review(pull, { state: STATES[verdict], body: text, remarks: lines }, { by });
    },
    answer: (reviewId, by, body) => gitea.answerReview(pull, reviewId, { path: 'a.txt', line: 2, body }, { by }),
    dismiss: (reviewId) => gitea.dismissReview(pull, reviewId),
    resolve: (remarkId) => gitea.resolveRemark(pull, remarkId, { by: 'ann' }),
    push: async () => void (await push('newer\n')),
    merge: (by) => gitea.mergePullRequest(repository, pull.number, { by }),
    close: () => gitea.closeIssue(pull, { by: 'ann' }),
    reopen: () => gitea.reopen(pull, { by: 'ann' }),
    end,
  };
}

describePullRequests('GiteaPullRequests', makeWorld);

describe('GiteaPullRequests', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function start(...given: Parameters<typeof startPullRequests>) {
    const started = await startPullRequests(...given);
    endings.push(started.end);
    return started;
  }

  it('tells nothing without a token', async () => {
    const { pullRequests, pull, gitea } = await start({}, { token: null });

    expect(await pullRequests.readPullRequest(pull)).toEqual({ kind: 'unknown' });
    expect(await pullRequests.reviewsOf(pull)).toEqual([]);
    expect(await pullRequests.remarksOf(pull, 1)).toEqual([]);
    expect(gitea.requests).toEqual([]);
  });

  it('calls gone what never was, what is an issue, and remarks of a review that is not there', async () => {
    const { pullRequests, pull, gitea, repository } = await start();
    const issue = gitea.openIssue(repository, { title: 'An issue' }, { by: 'ann' });

    expect(await pullRequests.readPullRequest({ ...pull, number: 4_711 })).toEqual({ kind: 'gone' });
    expect(await pullRequests.readPullRequest(issue)).toEqual({ kind: 'gone' });
    expect(await pullRequests.remarksOf(pull, 4_711)).toEqual([]);
  });

  it('throws what is no answer, so that nothing is taken for gone', async () => {
    const { pullRequests, pull, gitea } = await start({}, { attempts: 1 });
    gitea.faults.add({ path: /pulls/, times: 2, kind: 'status', status: 502 });

    await expect(pullRequests.readPullRequest(pull)).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED' });
    await expect(pullRequests.remarksOf(pull, 1)).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED' });
  });

  it('leaves out reviews that were not submitted, which Gitea counts, and asks who the bot is once', async () => {
    const { pullRequests, pull, gitea } = await start({ largestPageSize: 1 }, { botName: null });
    gitea.beginReview(pull, 'Not yet', { by: 'bot' });
    const submitted = gitea.review(pull, { state: 'COMMENT', body: 'Hm' }, { by: 'ann' });
    gitea.review(pull, { state: 'COMMENT', body: 'Mine' }, { by: 'bot' });

    const twice = [await pullRequests.reviewsOf(pull), await pullRequests.reviewsOf(pull)];

    expect(twice.map((reviews) => reviews.map(({ id }) => id))).toEqual([[submitted], [submitted]]);
    expect(gitea.requests.filter(({ path }) => path === '/api/v1/user')).toHaveLength(1);
  });

  it('tells where the branch is, and where it left its base', async () => {
    const { pullRequests, pull, gitea, repository, push } = await start();
    const head = await push('newer\n');
    await gitea.commit(repository, { files: { 'other.txt': 'other\n' } }, { by: 'ann' });

    expect(await pullRequests.readPullRequest(pull)).toMatchObject({
      pullRequest: { headCommit: head, mergeBase: repository.commit },
    });
  });

  it('tells the old line of what was deleted', async () => {
    const { pullRequests, pull, gitea } = await start();
    const remarks = [
      { path: 'a', line: -4, body: 'Why did it go?' },
      { path: 'b', line: 0, body: 'In all' },
    ];
    const review = gitea.review(pull, { state: 'COMMENT', remarks }, { by: 'ann' });

    expect(await pullRequests.remarksOf(pull, review)).toMatchObject([{ line: 4 }, { line: null }]);
  });
});
