import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  GiteaIssueLinks,
  GiteaIssueTracker,
  GiteaModule,
  GiteaPermissions,
  GiteaPullRequests,
  GiteaStarts,
  GiteaSubIssues,
} from '../src/gitea/index.js';
import { CodedError, type IssueRef } from '../src/kernel/index.js';
import { FakeGitea, SeededRandomness, type CreatedRepository, type FaultKind } from '../src/testing/index.js';
import { HastyClock } from './support/hasty-clock.js';

jest.setTimeout(120_000);

const TIME_LIMIT_MS = 15_000;
/** Longer than the circuit breaker stays open. */
const LATER_MS = 120_000;
/** How often the coordinator comes back to what could not be written, before this test calls it stuck. */
const MOST_ROUNDS = 20;

const KINDS: readonly FaultKind[] = [
  { kind: 'status', status: 500 },
  { kind: 'html', status: 502 },
  { kind: 'retry-after', seconds: 3, status: 503 },
  { kind: 'retry-after', seconds: 3, status: 429 },
  { kind: 'status', status: 401 },
  { kind: 'html', status: 200 },
  { kind: 'truncated' },
  { kind: 'oversized', bytes: 10_000_000 },
  { kind: 'stall' },
  { kind: 'reset' },
  { kind: 'done-but-timed-out' },
];

/** Every endpoint that the work below asks or writes, as Gitea routes it. */
const ENDPOINTS = [
  'DELETE /repos/O/R/issues/N/dependencies',
  'DELETE /repos/O/R/issues/N/labels/N',
  'GET /orgs/ann/labels',
  'GET /repos/O/R',
  'GET /repos/O/R/assignees',
  'GET /repos/O/R/collaborators/ann/permission',
  'GET /repos/O/R/commits/C/statuses',
  'GET /repos/O/R/issues',
  'GET /repos/O/R/issues/N',
  'GET /repos/O/R/issues/N/blocks',
  'GET /repos/O/R/issues/N/comments',
  'GET /repos/O/R/issues/N/dependencies',
  'GET /repos/O/R/issues/N/labels',
  'GET /repos/O/R/issues/N/timeline',
  'GET /repos/O/R/labels',
  'GET /repos/O/R/pulls',
  'GET /repos/O/R/pulls/N',
  'GET /repos/O/R/pulls/N/reviews',
  'GET /repos/O/R/teams',
  'GET /repos/issues/search',
  'GET /user',
  'PATCH /repos/O/R/issues/comments/N',
  'PATCH /repos/O/R/pulls/N',
  'POST /repos/O/R/issues',
  'POST /repos/O/R/issues/N/comments',
  'POST /repos/O/R/issues/N/dependencies',
  'POST /repos/O/R/issues/N/labels',
  'POST /repos/O/R/labels',
  'POST /repos/O/R/pulls',
  'POST /repos/O/R/statuses/C',
] as const;

const POSITIONS = [
  { position: 'the first call', skip: 0, times: 1 },
  { position: 'the second call', skip: 1, times: 1 },
  { position: 'every call for a while', skip: 0, times: 12 },
] as const;

function isCoded(error: unknown): boolean {
  return error instanceof CodedError;
}

/** Each endpoint meets the kinds of faults at other positions, so that all are met in a third of the time. */
function positionOf(turn: number): (typeof POSITIONS)[number] {
  return POSITIONS[turn % POSITIONS.length] ?? POSITIONS[0];
}

/** What `ENDPOINTS` calls a request. */
function endpointOf(method: string, path: string): string {
  const route = path
    .replace(/^\/api\/v1/, '')
    .replace(/^\/repos\/ann\/[^/]+/, '/repos/O/R')
    .replace(/\/[0-9a-f]{40}\b/, '/C')
    .replace(/\/\d+\b/g, '/N');
  return `${method} ${route}`;
}

function patternOf(endpoint: string): { readonly method: string; readonly path: RegExp } {
  const [method = '', route = ''] = endpoint.split(' ');
  const path = route
    .replace('/O/R', '/ann/[^/]+')
    .replace('/C', '/[0-9a-f]{40}')
    .replace(/\/N(?=\/|$)/g, '/\\d+');
  return { method, path: new RegExp(`^/api/v1${path}$`) };
}

describe('Whatever goes wrong at Gitea', () => {
  let gitea: FakeGitea;
  let module: TestingModule;
  let tracker: GiteaIssueTracker;
  const clock = new HastyClock(TIME_LIMIT_MS);
  let count = 0;

  beforeAll(async () => {
    gitea = await FakeGitea.start({ users: ['ann', 'bot'] });
  });

  /** A tracker that knows nothing yet, as after a restart. */
  async function startTracker(): Promise<void> {
    await module?.close();
    const token = gitea.createToken('bot');
    const randomness = new SeededRandomness();
    module = await Test.createTestingModule({
      imports: [GiteaModule.forRoot({ baseUrl: gitea.url, token, clock, randomness, timeoutMs: TIME_LIMIT_MS })],
    }).compile();
    tracker = module.get(GiteaIssueTracker);
  }

  async function makeRepository(): Promise<CreatedRepository> {
    count += 1;
    const repository = await gitea.createRepository({
      owner: 'ann',
      name: `shop-${count}`,
      files: { 'README.md': 'Hello\n' },
      collaborators: { bot: 'write' },
    });
    await gitea.commit(repository, { branch: 'work', files: { 'new.txt': 'new\n' } }, { by: 'bot' });
    return repository;
  }

  afterAll(async () => {
    await module.close();
    await gitea.close();
  });

  /** All that the coordinator reads and writes for one issue, in an order of its own life. */
  function workOn(ref: IssueRef, blocker: IssueRef, commit: string): readonly (() => Promise<unknown>)[] {
    const links = module.get(GiteaIssueLinks);
    const parts = module.get(GiteaSubIssues);
    const pulls = module.get(GiteaPullRequests);
    const link = { blocker, blocked: ref };
    let opened: IssueRef = ref;
    const pull = { headBranch: 'work', baseBranch: 'main', title: `Do ${ref.number}`, body: `Closes #${ref.number}` };
    const status = { context: `mosaic/${ref.number}`, description: '', targetUrl: null } as const;
    return [
      () => tracker.assignedIssues(),
      async () =>
        said(await module.get(GiteaStarts).startsAfter(ref, { id: 0, at: null }), {
          start: { person: { login: 'ann' } },
        }),
      async () =>
        said(await module.get(GiteaPermissions).permissionOf(ref, 'ann'), { kind: 'found', permission: 'write' }),
      async () => said(await links.ensureLink(link), { kind: 'done' }),
      async () => said(await tracker.readIssue(ref), { issue: { blockedBy: [{ issue: blocker }] } }),
      async () => said(await links.ensureNoLink(link), { kind: 'done' }),
      () => parts.ensureSubIssue(ref, `part-${ref.number}`, { title: `Part of ${ref.number}`, body: 'A part.' }),
      () => parts.ensureLabel(ref, 'size/too-large', true),
      () => parts.ensureLabel(ref, 'size/too-large', false),
      () => tracker.ensureComment(ref, 'status', 'It waits.'),
      () => tracker.ensureStateLabel(ref, `mosaic/running-${ref.number % 7}`),
      () => tracker.ensureCommitStatus(ref, commit, { ...status, state: 'pending' }),
      () => tracker.ensureComment(ref, 'status', 'It runs.'),
      async () => {
        opened = { ...ref, number: (await tracker.ensurePullRequest(ref, pull)).number };
      },
      async () => said(await pulls.readPullRequest(opened), { kind: 'found', pullRequest: { state: 'open' } }),
      async () => said(await pulls.reviewsOf(opened), []),
      () => tracker.ensurePullRequest(ref, { ...pull, body: `${pull.body}, again` }),
      () => tracker.ensureCommitStatus(ref, commit, { ...status, state: 'success' }),
      () => tracker.ensureStateLabel(ref, `mosaic/done-${ref.number % 7}`),
      () => tracker.ensureComment(ref, 'status', 'It is done.'),
      () => tracker.remarksAfter(ref, { id: 0, at: null }),
    ];
  }

  /** What was read must be so, whatever happened on the way: a wrong answer is worse than none. */
  function said(answer: unknown, expected: object): void {
    expect(answer).toMatchObject(expected);
  }

  /** What fails is done again later, as the loop does it. Returns how often that was needed. */
  async function untilDone(step: () => Promise<unknown>): Promise<number> {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const isDone = await step().then(
        () => true,
        (error: unknown) => {
          if (isCoded(error)) return false;
          throw error;
        },
      );
      if (isDone) return round;
      clock.advance(LATER_MS);
    }
    throw new Error(`Not done after ${MOST_ROUNDS} rounds`);
  }

  /** What of it all people can see. */
  function seenOn(ref: IssueRef, repository: CreatedRepository, commit: string) {
    const { comments, labels } = gitea.issue(ref);
    const all = gitea.labels(repository).map(({ name }) => name);
    return {
      parts: partsOf(ref, repository),
      comments: comments.map(({ body }) => body.split('\n')[0]),
      labels: labels.map(({ name }) => name),
      twinLabels: all.filter((name, at) => all.indexOf(name) !== at),
      pulls: gitea.issues(repository).filter(({ pull, state }) => pull !== null && state === 'open').length,
      statuses: gitea
        .statuses(repository, commit)
        .filter(({ context }) => context === `mosaic/${ref.number}`)
        .map(({ state }) => state),
    };
  }

  /** Issues of the bot that are parts of this one. */
  const partsOf = (ref: IssueRef, repository: CreatedRepository): number =>
    gitea.issues(repository).filter(({ title }) => title === `Part of ${ref.number}`).length;

  const RIGHT = { parts: 1, comments: ['It is done.'], twinLabels: [], pulls: 1, statuses: ['pending', 'success'] };

  function closePulls(repository: CreatedRepository): void {
    const open = gitea.issues(repository).filter(({ pull, state }) => pull !== null && state === 'open');
    for (const { number } of open) gitea.closeIssue({ ...repository, number }, { by: 'ann' });
  }

  it('is asked at the endpoints that are tried below, and at no other', async () => {
    await startTracker();
    const repository = await makeRepository();
    const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
    gitea.assign(ref, ['bot'], { by: 'ann' });
    const before = gitea.requests.length;

    const blocker = gitea.openIssue(repository, { title: 'B' }, { by: 'ann' });

    for (const step of workOn(ref, blocker, repository.commit ?? '')) await step();

    const asked = gitea.requests.slice(before).map(({ method, path }) => endpointOf(method, path));
    expect([...new Set(asked)].toSorted()).toEqual([...ENDPOINTS].toSorted());
    expect(seenOn(ref, repository, repository.commit ?? '')).toMatchObject(RIGHT);
  });

  it.each(KINDS)('nothing is left out and nothing is there twice: %j at every endpoint', async (kind) => {
    const before = gitea.requests.length;
    const repository = await makeRepository();
    const commit = repository.commit ?? '';
    const blocker = gitea.openIssue(repository, { title: 'It blocks' }, { by: 'ann' });
    const wrong: unknown[] = [];
    for (const [at, endpoint] of ENDPOINTS.entries()) {
      const { position, skip, times } = positionOf(at + KINDS.indexOf(kind));
      await startTracker();
      const ref = gitea.openIssue(repository, { title: endpoint }, { by: 'ann' });
      gitea.assign(ref, ['bot'], { by: 'ann' });
      const onHit = kind.kind === 'stall' ? () => clock.advance(TIME_LIMIT_MS) : () => undefined;
      // Ten megabytes take a while, and nobody learns more from the tenth time.
      const limited = kind.kind === 'oversized' ? Math.min(times, 3) : times;
      const fault = gitea.faults.add({ ...patternOf(endpoint), skip, times: limited, ...kind, onHit });

      for (const step of workOn(ref, blocker, commit)) await untilDone(step);

      fault.remove();
      const seen = seenOn(ref, repository, commit);
      const expected = { ...RIGHT, labels: [`mosaic/done-${ref.number % 7}`] };
      if (JSON.stringify(seen) !== JSON.stringify({ ...seen, ...expected })) wrong.push({ endpoint, position, seen });
      closePulls(repository);
    }

    expect(wrong).toEqual([]);
    expect(gitea.requests.length - before).toBeGreaterThan(500);
  });
});
