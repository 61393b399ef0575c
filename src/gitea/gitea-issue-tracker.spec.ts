import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SecretScrubber } from '../kernel/index.js';
import { FakeGitea, SeededRandomness, type FakeGiteaOptions, type FaultKind } from '../testing/index.js';
import { describeIssueTracker, type TrackerWorld } from '../../test/contracts/issue-tracker.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { GiteaIssueTracker } from './gitea-issue-tracker.js';
import { GiteaModule } from './gitea.module.js';
import type { GiteaModuleOptions } from './gitea.options.js';

async function startTracker(server: FakeGiteaOptions = {}, options: Partial<GiteaModuleOptions> = {}) {
  // The root URL is another host on purpose: whoever follows what Gitea writes there fails.
  const gitea = await FakeGitea.start({ users: ['ann', 'bot', 'eve'], rootUrl: 'http://gitea.invalid', ...server });
  const repository = await gitea.createRepository({
    owner: 'ann',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { bot: 'write' },
  });
  await gitea.commit(repository, { branch: 'work', files: { 'new.txt': 'new\n' } }, { by: 'bot' });
  const clock = new HastyClock(15_000);
  const module = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: gitea.createToken('bot'),
        clock,
        randomness: new SeededRandomness(),
        ...options,
      }),
    ],
  }).compile();
  const tracker = module.get(GiteaIssueTracker);
  const end = async (): Promise<void> => {
    await module.close();
    await gitea.close();
  };
  const writes = () => gitea.requests.filter(({ method }) => method !== 'GET');
  return { gitea, repository, clock, tracker, end, writes };
}

async function makeWorld(): Promise<TrackerWorld> {
  const { gitea, repository, tracker, end } = await startTracker({ largestPageSize: 3 });
  const by = 'ann';
  const pulls = () => gitea.issues(repository).filter(({ pull, state }) => pull !== null && state === 'open');
  return {
    tracker,
    bot: 'bot',
    headBranch: 'work',
    baseBranch: 'main',
    commit: repository.commit ?? '',
    openIssue: (title, body = '') => gitea.openIssue(repository, { title, body }, { by }),
    assign: (ref, logins) => gitea.assign(ref, logins, { by }),
    close: (ref) => gitea.closeIssue(ref, { by }),
    remove: (ref) => gitea.deleteIssue(ref, { by }),
    addLabel: (ref, label) => gitea.addLabel(ref, label, { by }),
    block: (ref, blocker) => gitea.addDependency(ref, blocker),
    comment: (ref, body, author = by) => void gitea.comment(ref, body, { by: author }),
    comments: (ref) => gitea.issue(ref).comments.map(({ body }) => body),
    labels: (ref) => gitea.issue(ref).labels.map(({ name }) => name),
    openPullRequests: () => pulls().map(({ number, title, body }) => ({ number, title, body })),
    closePullRequest: (number) => gitea.closeIssue({ ...repository, number }, { by }),
    statuses: () =>
      gitea.statuses(repository, repository.commit ?? '').map(({ context, state, description, targetUrl }) => ({
        context,
        state,
        description,
        targetUrl: targetUrl || null,
      })),
    end,
  };
}

describeIssueTracker('GiteaIssueTracker', makeWorld);

describe('GiteaIssueTracker', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function start(server: FakeGiteaOptions = {}, options: Partial<GiteaModuleOptions> = {}) {
    const started = await startTracker(server, options);
    endings.push(started.end);
    const ref = started.gitea.openIssue(started.repository, { title: 'A' }, { by: 'ann' });
    return { ...started, ref };
  }

  const DRAFT = { headBranch: 'work', baseBranch: 'main', title: 'Do A', body: 'Closes #1' };

  describe('after a request that met a fault', () => {
    const FAULTS: readonly FaultKind[] = [
      { kind: 'done-but-timed-out' },
      { kind: 'truncated' },
      { kind: 'reset' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 502 },
      { kind: 'html', status: 503 },
      { kind: 'html', status: 200 },
      { kind: 'retry-after', seconds: 2 },
    ];

    // The fault hits each request of the sequence in turn, reads and writes.
    it.each(FAULTS)(
      'leaves no duplicate: %j',
      async (fault) => {
        const { gitea, repository, tracker } = await start();
        const commit = repository.commit ?? '';
        const left: unknown[] = [];

        for (const skip of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
          const name = `mosaic/${skip}`;
          const ref = gitea.openIssue(repository, { title: name }, { by: 'ann' });
          const hit = gitea.faults.add({ path: /^\/api\//, skip, ...fault });
          await tracker.ensureComment(ref, 'status', 'It waits.');
          await tracker.ensureStateLabel(ref, name);
          const { number } = await tracker.ensurePullRequest(ref, DRAFT);
          await tracker.ensureCommitStatus(ref, commit, {
            context: name,
            state: 'success',
            description: '',
            targetUrl: null,
          });
          left.push({
            hits: hit.count(),
            comments: gitea.issue(ref).comments.length,
            labels: gitea.issue(ref).labels.map((label) => label.name),
            sameLabels: gitea.labels(repository).filter((label) => label.name === name).length,
            openPulls: gitea.issues(repository).filter(({ pull, state }) => pull && state === 'open').length,
            statuses: gitea.statuses(repository, commit).filter(({ context }) => context === name).length,
          });
          gitea.closeIssue({ ...repository, number }, { by: 'ann' });
        }

        expect(left).toEqual(
          left.map((_, skip) => ({
            hits: 1,
            comments: 1,
            labels: [`mosaic/${skip}`],
            sameLabels: 1,
            openPulls: 1,
            statuses: 1,
          })),
        );
      },
      30_000,
    );
  });

  describe('without a token', () => {
    it('asks and writes nothing', async () => {
      const { gitea, tracker, ref, repository } = await start({}, { token: null });

      expect(tracker.canWrite).toBe(false);
      expect(await tracker.readIssue(ref)).toEqual({ kind: 'unknown' });
      expect(await tracker.assignedIssues()).toBeNull();
      expect(await tracker.ensureComment(ref, 'status', 'It waits.')).toBeNull();
      expect(await tracker.remarksAfter(ref, { id: 0, at: null })).toBeNull();
      await tracker.ensureStateLabel(ref, 'mosaic/running');
      await tracker.ensureCommitStatus(ref, repository.commit ?? '', {
        context: 'a',
        state: 'error',
        description: '',
        targetUrl: null,
      });
      await expect(tracker.ensurePullRequest(ref, DRAFT)).rejects.toMatchObject({ code: 'GITEA_AUTH_REFUSED' });
      expect(gitea.requests).toEqual([]);
    });
  });

  it('finds no dependencies where they are switched off', async () => {
    const { gitea, tracker } = await start();
    const repository = await gitea.createRepository({
      owner: 'bot',
      name: 'plain',
      files: { a: '' },
      hasDependencies: false,
    });
    const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

    expect(await tracker.readIssue(ref)).toMatchObject({ kind: 'found', issue: { blockedBy: [], hiddenBlockers: 0 } });
  });

  it('counts blockers it may not see', async () => {
    const { gitea, tracker } = await start();
    const secret = await gitea.createRepository({ owner: 'ann', name: 'secret', private: true });
    const open = await gitea.createRepository({ owner: 'ann', name: 'open' });
    const hidden = gitea.openIssue(secret, { title: 'Hidden' }, { by: 'ann' });
    const ref = gitea.openIssue(open, { title: 'A' }, { by: 'ann' });
    gitea.addDependency(ref, hidden);

    expect(await tracker.readIssue(ref)).toMatchObject({ issue: { blockedBy: [], hiddenBlockers: 1 } });
    expect(await tracker.readIssue(hidden)).toEqual({ kind: 'gone' });
  });

  it('calls an issue gone whose repository was renamed, so that one issue is not two', async () => {
    const { gitea, tracker, ref } = await start();
    const renamed = await gitea.createRepository({ owner: 'ann', name: 'store', files: { a: '' } });
    gitea.openIssue(renamed, { title: 'A' }, { by: 'ann' });
    gitea.faults.add({ path: /shop\/issues\/1$/, kind: 'redirect', location: '/api/v1/repos/ann/store/issues/1' });

    expect(await tracker.readIssue(ref)).toEqual({ kind: 'gone' });
    expect(await tracker.readIssue({ ...ref, repo: 'store' })).toMatchObject({ kind: 'found' });
  });

  it('finds an issue whose repository is spelled in other case', async () => {
    const { tracker, ref } = await start();

    expect(await tracker.readIssue({ ...ref, owner: 'ANN', repo: 'Shop' })).toMatchObject({ kind: 'found' });
  });

  it('throws when the sweep cannot be read to its end', async () => {
    const { gitea, tracker, repository } = await start({ largestPageSize: 2 });
    for (const title of ['1', '2', '3']) {
      gitea.openIssue(repository, { title, assignees: ['bot'] }, { by: 'ann' });
    }
    gitea.faults.add({ path: /search/, skip: 1, times: 9, kind: 'status', status: 502 });

    await expect(tracker.assignedIssues()).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED', status: 502 });
  });

  it('throws when an assigned issue does not say where it is', async () => {
    const answer = JSON.stringify([{ id: 1, number: 1, state: 'open', repository: null }]);
    const { tracker } = await start({}, { fetch: () => Promise.resolve(new Response(answer)) });

    await expect(tracker.assignedIssues()).rejects.toMatchObject({ code: 'GITEA_ANSWER_INVALID' });
  });

  it('writes no secret, and does not write again for one that it left out', async () => {
    const { tracker, gitea, repository, writes } = await start(
      {},
      { scrub: new SecretScrubber(['canary-of-the-coordinator']).scrub },
    );
    const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
    const text = 'It is canary-of-the-coordinator.';
    const draft = { title: text, body: text, headBranch: 'work', baseBranch: 'main' };
    const status = { context: 'mosaic/test', state: 'success', description: text, targetUrl: null } as const;
    const writeAll = async (): Promise<void> => {
      await tracker.ensureComment(ref, 'status', text);
      await tracker.ensurePullRequest(ref, draft);
      await tracker.ensureCommitStatus(ref, repository.commit ?? '', status);
    };

    await writeAll();
    const count = writes().length;
    await writeAll();

    expect(writes()).toHaveLength(count);
    expect(gitea.issue(ref).comments[0]?.body).toContain('It is [secret].');
    expect(gitea.issues(repository).filter(({ pull }) => pull)).toMatchObject([
      { title: 'It is [secret].', body: expect.stringContaining('It is [secret].') },
    ]);
    expect(gitea.statuses(repository, repository.commit ?? '')).toMatchObject([{ description: 'It is [secret].' }]);
  });

  it('leaves a comment of a person alone that has the same marker', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.comment(ref, 'Me too\n\n<!-- mosaic:status -->', { by: 'ann' });

    await tracker.ensureComment(ref, 'status', 'It waits.');

    expect(gitea.issue(ref).comments.map(({ author }) => author.login)).toEqual(['ann', 'bot']);
  });

  it('keeps the oldest of its own twins and deletes the others', async () => {
    const { gitea, tracker, ref } = await start();
    for (const text of ['one', 'two', 'three']) gitea.comment(ref, `${text}\n\n<!-- mosaic:status -->`, { by: 'bot' });

    await tracker.ensureComment(ref, 'status', 'It waits.');

    expect(gitea.issue(ref).comments.map(({ body }) => body)).toEqual(['It waits.\n\n<!-- mosaic:status -->']);
  });

  it('says that an issue is gone, though Gitea answers 500 for its comments', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.deleteIssue(ref, { by: 'ann' });

    await expect(tracker.ensureComment(ref, 'status', 'It waits.')).rejects.toMatchObject({ status: 404 });
  });

  it('writes nothing when everything is said already', async () => {
    const { tracker, ref, repository, writes } = await start();
    const all = async (): Promise<void> => {
      await tracker.ensureComment(ref, 'status', 'It waits.');
      await tracker.ensureStateLabel(ref, 'mosaic/running');
      await tracker.ensurePullRequest(ref, DRAFT);
      await tracker.ensureCommitStatus(ref, repository.commit ?? '', {
        context: 'a',
        state: 'error',
        description: '',
        targetUrl: null,
      });
    };
    await all();
    const before = writes().length;

    await all();

    expect([before, writes().length]).toEqual([5, 5]);
  });

  it('refuses a state label outside its scope', async () => {
    const { tracker, ref } = await start();

    await expect(tracker.ensureStateLabel(ref, 'bug')).rejects.toMatchObject({ code: 'GITEA_NAME_INVALID' });
  });

  it('takes the other labels of the scope away where they push nothing out', async () => {
    const { gitea, tracker, ref } = await start();
    for (const name of ['mosaic/waiting', 'mosaic/running']) gitea.addLabel(ref, name, { by: 'ann' });

    await tracker.ensureStateLabel(ref, 'mosaic/running');

    expect(gitea.issue(ref).labels.map(({ name }) => name)).toEqual(['mosaic/running']);
  });

  it('uses the oldest of two labels of one name', async () => {
    const { gitea, tracker, ref, repository } = await start();
    const [older] = [1, 2].map(() => gitea.createLabel(repository, { name: 'mosaic/running' }));

    await tracker.ensureStateLabel(ref, 'mosaic/running');

    expect(gitea.issue(ref).labels.map(({ id }) => id)).toEqual([older]);
  });

  it("uses the organisation's label of that name, and takes it away again", async () => {
    const { gitea, tracker, ref } = await start();
    const id = gitea.createOrganizationLabel('ann', 'mosaic/running');

    await tracker.ensureStateLabel(ref, 'mosaic/running');

    expect(gitea.issue(ref).labels.map((label) => label.id)).toEqual([id]);
    await tracker.ensureStateLabel(ref, 'mosaic/completed');
    expect(gitea.issue(ref).labels.map(({ name }) => name)).toEqual(['mosaic/completed']);
  });

  it('makes a label of its own where the token may not read the organisation', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.createOrganizationLabel('ann', 'mosaic/running');
    gitea.faults.add({ path: /orgs\/ann\/labels$/, times: 1, kind: 'pretend', status: 403, body: { message: 'no' } });

    await tracker.ensureStateLabel(ref, 'mosaic/running');

    expect(gitea.issue(ref).labels).toMatchObject([{ name: 'mosaic/running', exclusive: true }]);
  });

  it('tries again when the organisation gives no answer', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path: /orgs\/ann\/labels$/, times: 9, kind: 'pretend', status: 401, body: {} });

    await expect(tracker.ensureStateLabel(ref, 'mosaic/running')).rejects.toMatchObject({ code: 'GITEA_AUTH_REFUSED' });
  });

  it('makes a label again that somebody deleted from the repository', async () => {
    const { gitea, tracker, ref, repository } = await start();
    await tracker.ensureStateLabel(ref, 'mosaic/running');
    const id = gitea.labels(repository)[0]?.id ?? 0;
    gitea.deleteLabel(repository, id);

    await tracker.ensureStateLabel(ref, 'mosaic/running');

    expect(gitea.issue(ref).labels).toMatchObject([{ name: 'mosaic/running' }]);
  });

  it('says so when Gitea does not list the label it made', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({
      path: /shop\/labels$/,
      method: 'POST',
      times: 9,
      kind: 'pretend',
      status: 201,
      body: { id: 7, name: 'a' },
    });

    await expect(tracker.ensureStateLabel(ref, 'mosaic/running')).rejects.toThrow(/does not list it/);
  });

  it('takes the pull request that somebody opened in between', async () => {
    const { gitea, tracker, ref, repository } = await start();
    gitea.openPullRequest(repository, { title: 'Mine', head: 'work' }, { by: 'ann' });
    gitea.faults.add({ path: /pulls$/, method: 'GET', kind: 'pretend', status: 200, body: [] });

    const { number } = await tracker.ensurePullRequest(ref, DRAFT);

    expect(number).toBe(2);
  });

  it('leaves the text of a pull request alone that somebody else opened', async () => {
    const { gitea, tracker, ref, repository } = await start();
    gitea.openPullRequest(repository, { title: 'Mine', body: 'My own words', head: 'work' }, { by: 'ann' });

    const { number } = await tracker.ensurePullRequest(ref, DRAFT);

    expect(gitea.issue({ ...repository, number })).toMatchObject({ title: 'Mine', body: 'My own words' });
  });

  it('passes on why a pull request cannot be opened', async () => {
    const { tracker, ref } = await start();

    const opening = tracker.ensurePullRequest(ref, { ...DRAFT, headBranch: 'missing' });

    await expect(opening).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED', status: 404 });
  });

  it('passes a 409 on that no open pull request explains', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path: /pulls$/, method: 'POST', kind: 'status', status: 409 });

    await expect(tracker.ensurePullRequest(ref, DRAFT)).rejects.toMatchObject({ status: 409 });
  });

  it('links to the configured address, whatever Gitea says of itself', async () => {
    const { gitea, tracker, ref } = await start();

    const { url } = await tracker.ensurePullRequest(ref, DRAFT);

    expect(url).toBe(`${gitea.url}/ann/shop/pulls/2`);
  });

  it('takes the login it was told, so that the token need not read users', async () => {
    const { gitea, tracker, ref } = await start({}, { botName: 'BOT' });

    await tracker.ensureComment(ref, 'status', 'It waits.');
    await tracker.ensureComment(ref, 'status', 'It runs.');

    expect(gitea.requests.filter(({ path }) => path === '/api/v1/user')).toEqual([]);
    expect(gitea.issue(ref).comments).toHaveLength(1);
  });

  it('gives up when Gitea keeps failing, and then goes on with the next call', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path: /comments$/, method: 'POST', times: 4, kind: 'status', status: 500 });

    await expect(tracker.ensureComment(ref, 'status', 'It waits.')).rejects.toMatchObject({ status: 500 });
    await tracker.ensureComment(ref, 'status', 'It waits.');

    expect(gitea.issue(ref).comments).toHaveLength(1);
  });

  it('tries a read that keeps failing no more often than a read is tried', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path: /labels$/, times: 99, kind: 'status', status: 500 });

    await expect(tracker.ensureStateLabel(ref, null)).rejects.toMatchObject({ status: 500 });

    expect(gitea.requests).toHaveLength(4);
  });

  it.each([
    ['the issue', /issues\/1$/, 401, 'GITEA_AUTH_REFUSED'],
    ['its dependencies', /dependencies$/, 502, 'GITEA_REQUEST_FAILED'],
    ['the repository', /shop$/, 502, 'GITEA_REQUEST_FAILED'],
  ])('throws and does not call an issue gone when %s cannot be read', async (_, path, status, code) => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path, times: 9, kind: 'status', status });

    await expect(tracker.readIssue(ref)).rejects.toMatchObject({ code, status });
  });

  it('passes a 500 on for the comments of an issue that is there', async () => {
    const { gitea, tracker, ref } = await start();
    gitea.faults.add({ path: /comments$/, times: 9, kind: 'status', status: 500 });

    await expect(tracker.ensureComment(ref, 'status', 'It waits.')).rejects.toMatchObject({ status: 500 });
  });

  it('takes neither a pull request between other branches nor one of a fork for its own', async () => {
    const { gitea, tracker, ref, repository } = await start();
    await gitea.commit(repository, { branch: 'other', files: { 'other.txt': '' } }, { by: 'ann' });
    gitea.openPullRequest(repository, { title: 'Other', head: 'other' }, { by: 'ann' });
    gitea.openPullRequest(repository, { title: 'Elsewhere', head: 'work', base: 'other' }, { by: 'ann' });
    const sides = { head: { ref: 'work', repo_id: 9 }, base: { ref: 'main', repo_id: 1 } };
    const pages = [[{ number: 77, state: 'open', ...sides }], []];
    for (const body of pages) gitea.faults.add({ path: /pulls$/, method: 'GET', kind: 'pretend', status: 200, body });

    const first = await tracker.ensurePullRequest(ref, DRAFT);
    const second = await tracker.ensurePullRequest(ref, DRAFT);

    expect([first.number, second.number]).toEqual([4, 4]);
  });
});
