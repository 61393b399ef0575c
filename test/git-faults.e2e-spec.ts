import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';

import { GiteaIssueTracker, GiteaModule } from '../src/gitea/index.js';
import { issueKey, type IssueRef } from '../src/kernel/index.js';
import {
  FakeClock,
  FakeGitea,
  SeededRandomness,
  type CreatedRepository,
  type FaultKind,
} from '../src/testing/index.js';
import { GitWorkspaces } from '../src/workspaces/index.js';
import { HastyClock } from './support/hasty-clock.js';
import { aDelivery, anIssue, startOrchestration } from './support/start-orchestration.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(60_000);

/** Longer than any pause before another try. */
const LATER_MS = 2_400_000;
/** Long for git on this machine, and short for a test. */
const GIT_TIMEOUT_MS = 1_500;

const KINDS: readonly FaultKind[] = [
  { kind: 'status', status: 500 },
  { kind: 'html', status: 502 },
  { kind: 'retry-after', seconds: 3, status: 503 },
  { kind: 'retry-after', seconds: 3, status: 429 },
  { kind: 'status', status: 401 },
  { kind: 'html', status: 200 },
  { kind: 'truncated' },
  { kind: 'stall' },
  { kind: 'reset' },
  { kind: 'done-but-timed-out' },
];

/** What git asks of Gitea when the coordinator clones, looks and pushes. */
const REQUESTS = ['GET info/refs', 'POST git-upload-pack', 'POST git-receive-pack'] as const;

const POSITIONS = [
  { position: 'the first call', skip: 0, times: 1 },
  { position: 'the second call', skip: 1, times: 1 },
  { position: 'every call for a while', skip: 0, times: 3 },
] as const;

/** Each request meets the kinds of faults at other positions. What pushes is asked once for each push. */
function positionOf(request: (typeof REQUESTS)[number], kind: FaultKind): (typeof POSITIONS)[number] {
  const turn = REQUESTS.indexOf(request) + KINDS.indexOf(kind);
  const position = POSITIONS[turn % POSITIONS.length] ?? POSITIONS[0];
  return position.skip > 0 && request === 'POST git-receive-pack' ? POSITIONS[0] : position;
}

describe('Whatever goes wrong between git and Gitea', () => {
  const clock = new FakeClock();
  const folder = makeTemporaryFolder();
  let gitea: FakeGitea;
  let module: TestingModule;
  let app: Awaited<ReturnType<typeof startOrchestration>>;
  let count = 0;

  beforeAll(async () => {
    gitea = await FakeGitea.start({ users: ['ann', 'bot'] });
    const token = gitea.createToken('bot');
    const forRoot = { baseUrl: gitea.url, token, clock: new HastyClock(15_000), randomness: new SeededRandomness() };
    module = await Test.createTestingModule({ imports: [GiteaModule.forRoot(forRoot)] }).compile();
    const workspaces = new GitWorkspaces({
      root: join(folder.path, 'workspaces'),
      giteaUrl: gitea.url,
      token,
      botName: 'bot',
      gitTimeoutMs: GIT_TIMEOUT_MS,
    });
    const tracker = module.get(GiteaIssueTracker);
    const limits = { sweepIntervalMs: 1_000_000_000 };
    app = await startOrchestration({ clock, options: { workspaces, tracker, limits, botName: 'bot' } });
    await app.start();
    await app.loop.idle();
  });

  afterAll(async () => {
    await app.close();
    await module.close();
    await gitea.close();
    folder.remove();
  });

  async function makeRepository(): Promise<CreatedRepository> {
    count += 1;
    return gitea.createRepository({
      owner: 'ann',
      name: `shop-${count}`,
      files: { 'README.md': 'Hello\n' },
      collaborators: { bot: 'write' },
    });
  }

  /** An issue is assigned to the bot. Resolves when its work is in review, or nobody goes on with it. */
  async function work(repository: CreatedRepository): Promise<IssueRef> {
    const { body, title } = anIssue();
    const ref = gitea.openIssue(repository, { title, body }, { by: 'ann' });
    gitea.assign(ref, ['bot'], { by: 'ann' });
    await app.deliveries.record(aDelivery(anIssue({ ref, assignees: ['bot'], author: 'ann' }), { sender: 'ann' }));
    app.loop.wake();
    for (;;) {
      const moved = app.next('queue.job-moved', { jobId: issueKey(ref) } as object);
      const job = await app.queue.find(issueKey(ref));
      if (job?.state === 'in_review' || job?.state === 'needs_attention') return ref;
      if (job?.state === 'retryable') {
        await app.loop.idle();
        clock.advance(LATER_MS);
        app.loop.wake();
      }
      await moved;
    }
  }

  /** What people see of the work, and what it took. */
  async function outcome(ref: IssueRef, repository: CreatedRepository) {
    const job = await app.queue.require(ref);
    const { rejections, turns, handOvers, publishedCommit, branch } = await app.runs.progress(job.id);
    const list = execFileSync('git', ['for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads'], {
      cwd: repository.directory,
      encoding: 'utf8',
    });
    const branches = list
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('main '));
    const pulls = gitea.issues(repository).filter(({ pull }) => pull !== null);
    return {
      state: job.state,
      reason: job.state === 'in_review' ? null : job.reason,
      rejections,
      turns,
      handOvers,
      isOneBranch: branches.length === 1 && branches[0] === `${branch} ${publishedCommit}`,
      pulls: pulls.length,
      work: await gitea.readFile(repository, publishedCommit ?? 'main', 'work.txt'),
    };
  }

  const RIGHT = {
    state: 'in_review',
    reason: null,
    rejections: 0,
    turns: 1,
    handOvers: 0,
    isOneBranch: true,
    pulls: 1,
    work: 'round 0',
  };

  it('is asked by the requests that are tried below, and by no other', async () => {
    const repository = await makeRepository();
    const before = gitea.requests.length;

    const ref = await work(repository);

    const asked = gitea.requests
      .slice(before)
      .filter(({ path }) => !path.startsWith('/api/'))
      .map(({ method, path }) => `${method} ${path.split('.git/')[1]}`);
    expect([...new Set(asked)].toSorted()).toEqual([...REQUESTS].toSorted());
    expect(await outcome(ref, repository)).toEqual(RIGHT);
  });

  it.each(KINDS)('nothing is lost, left out or there twice, and no round is burnt: %j', async (kind) => {
    const wrong: unknown[] = [];
    for (const request of REQUESTS) {
      const { position, skip, times } = positionOf(request, kind);
      const repository = await makeRepository();
      const [method = '', path = ''] = request.split(' ');
      const pattern = new RegExp(`^/ann/${repository.repo}\\.git/${path}$`);
      const fault = gitea.faults.add({
        method,
        path: pattern,
        skip,
        times: kind.kind === 'stall' ? 1 : times,
        ...kind,
      });

      const ref = await work(repository);

      fault.remove();
      const seen = { hit: fault.count() > 0, ...(await outcome(ref, repository)) };
      if (JSON.stringify(seen) !== JSON.stringify({ hit: true, ...RIGHT })) wrong.push({ request, position, seen });
    }

    expect(wrong).toEqual([]);
  });
});
