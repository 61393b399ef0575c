import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { FakeClock, FakeGitea, SeededRandomness, type FakeGiteaOptions, type FaultKind } from '../testing/index.js';
import { describeIssueTracker, type TrackerWorld } from '../../test/contracts/issue-tracker.contract.js';
import { GiteaIssueTracker } from './gitea-issue-tracker.js';
import { GiteaModule } from './gitea.module.js';
import type { GiteaModuleOptions } from './gitea.options.js';

/** A clock on which waiting takes no time, so that retries follow at once; time limits never strike. */
class HastyClock extends FakeClock {
  readonly waits: number[] = [];

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === 15_000) return super.sleep(ms, signal);
    this.waits.push(ms);
    return Promise.resolve();
  }
}

async function startTracker(server: FakeGiteaOptions = {}, options: Partial<GiteaModuleOptions> = {}) {
  // The root URL is another host on purpose: whoever follows what Gitea writes there fails.
  const gitea = await FakeGitea.start({ users: ['ann', 'bot'], rootUrl: 'http://gitea.invalid', ...server });
  const repository = await gitea.createRepository({
    owner: 'ann',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { bot: 'write' },
  });
  await gitea.commit(repository, { branch: 'work', files: { 'new.txt': 'new\n' } }, { by: 'bot' });
  const clock = new HastyClock();
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
    comment: (ref, body) => void gitea.comment(ref, body, { by }),
    comments: (ref) => gitea.issue(ref).comments.map(({ body }) => body),
    labels: (ref) => gitea.issue(ref).labels.map(({ name }) => name),
    openPullRequests: () => pulls().map(({ number, title, body }) => ({ number, title, body })),
    closePullRequest: (number) => gitea.closeIssue({ ...repository, number }, { by }),
    statuses: () =>
      gitea
        .statuses(repository, repository.commit ?? '')
        .map(({ context, state, description }) => ({ context, state, description })),
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

  const status = { context: 'mosaic/test', state: 'success' as const, description: 'ok' };

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
    it.each(FAULTS)('leaves no duplicate: %j', async (fault) => {
      const { gitea, repository, tracker } = await start();
      const left: unknown[] = [];

      for (const skip of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
        const branch = `work-${skip}`;
        const commit = await gitea.commit(repository, { branch, files: { [branch]: '' } }, { by: 'bot' });
        const ref = gitea.openIssue(repository, { title: branch }, { by: 'ann' });
        const hit = gitea.faults.add({ path: /^\/api\//, skip, ...fault });
        const draft = { headBranch: branch, baseBranch: 'main', title: branch, body: `Closes #${ref.number}` };
        await tracker.ensureComment(ref, 'status', 'It waits.');
        await tracker.ensureStateLabel(ref, `mosaic/${branch}`);
        await tracker.ensurePullRequest(ref, draft);
        await tracker.ensureCommitStatus(ref, commit, status);
        left.push({
          hits: hit.count(),
          comments: gitea.issue(ref).comments.length,
          labels: gitea.issue(ref).labels.map(({ name }) => name),
          sameLabels: gitea.labels(repository).filter(({ name }) => name === `mosaic/${branch}`).length,
          pulls: gitea.issues(repository).filter(({ pull }) => pull?.headBranch === branch).length,
          statuses: gitea.statuses(repository, commit).length,
        });
      }

      expect(left).toEqual(
        left.map((_, skip) => ({
          hits: 1,
          comments: 1,
          labels: [`mosaic/work-${skip}`],
          sameLabels: 1,
          pulls: 1,
          statuses: 1,
        })),
      );
    });
  });
});
