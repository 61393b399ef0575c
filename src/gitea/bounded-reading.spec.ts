import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';

import { GiteaIssueTracker, GiteaModule, GiteaPullRequests, GiteaStarts } from './index.js';
import { issueKey, type IssueRef } from '../kernel/index.js';
import { IntakeService } from '../orchestration/intake/intake.service.js';
import { FakeGitea, SeededRandomness } from '../testing/index.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { anIssue, startOrchestration } from '../../test/support/start-orchestration.js';

jest.setTimeout(240_000);

const TIME_LIMIT_MS = 60_000;
/** What one look at one issue may cost, whatever its past. */
const MOST_CALLS = 16;
const MOST_BYTES = 60_000;

/** Gitea, and an orchestration that looks at it when it is told to. Its clock goes on by a minute with each act. */
async function startWorld() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const gitea = await FakeGitea.start({ users: ['ann', 'mosaic'], now: () => (now += 60_000) });
  const repository = await gitea.createRepository({
    owner: 'ann',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { mosaic: 'write' },
  });
  const read = { calls: 0, bytes: 0 };
  const countingFetch: typeof fetch = async (...given) => {
    read.calls += 1;
    const response = await fetch(...given);
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        read.bytes += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    const { status, headers } = response;
    return new Response(response.body?.pipeThrough(count) ?? null, { status, headers });
  };
  const adapters = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: gitea.createToken('mosaic'),
        clock: new HastyClock(TIME_LIMIT_MS),
        randomness: new SeededRandomness(),
        timeoutMs: TIME_LIMIT_MS,
        fetch: countingFetch,
      }),
    ],
  }).compile();
  const tracker = adapters.get(GiteaIssueTracker);
  const options = { tracker, starts: adapters.get(GiteaStarts), pullRequests: adapters.get(GiteaPullRequests) };
  const app = await startOrchestration({ options });
  const intake = app.moduleRef.get(IntakeService);

  return {
    gitea,
    tracker,
    open: (title: string, body = anIssue().body) =>
      gitea.openIssue(repository, { title, body, assignees: ['mosaic'] }, { by: 'ann' }),
    job: (ref: IssueRef) => app.queue.find(issueKey(ref)),
    /** One sweep, with a status that says something new, and what it cost. */
    look: async (status: string, ref?: IssueRef) => {
      Object.assign(read, { calls: 0, bytes: 0 });
      await intake.sweep({ mayGoOn: () => true, beat: () => undefined });
      if (ref) await tracker.ensureComment(ref, 'status', status);
      return { ...read };
    },
    end: async () => {
      await app.close();
      await adapters.close();
      await gitea.close();
    },
  };
}

describe('What is read of Gitea', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function start() {
    const world = await startWorld();
    endings.push(world.end);
    return world;
  }

  it('does not grow with what was said and done on an issue before', async () => {
    const { gitea, open, job, look } = await start();
    const ref = open('Much is said of this');
    for (let round = 0; round < 1_000; round += 1) {
      gitea.comment(ref, `Comment ${round}: ${'x'.repeat(500)}`, { by: 'ann' });
      gitea.comment(ref, `Status ${round}: ${'x'.repeat(500)}`, { by: 'mosaic' });
      gitea.addLabel(ref, 'bug', { by: 'ann' });
      gitea.removeLabel(ref, 'bug', { by: 'ann' });
      gitea.addLabel(ref, 'late', { by: 'ann' });
      gitea.removeLabel(ref, 'late', { by: 'ann' });
    }
    const first = await look('one', ref);

    const second = await look('two', ref);
    gitea.comment(ref, '/mosaic priority 7', { by: 'ann' });
    const third = await look('three', ref);

    expect(gitea.issue(ref).comments.length).toBeGreaterThan(2_000);
    expect(gitea.issue(ref).timeline.length).toBeGreaterThan(5_000);
    expect(first.bytes).toBeGreaterThan(2_000_000);
    expect(second.calls).toBeLessThanOrEqual(MOST_CALLS);
    expect(second.bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(third.calls).toBeLessThanOrEqual(MOST_CALLS + 4);
    expect(third.bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(await job(ref)).toMatchObject({ priority: 7 });
  });

  it('goes on with the others where one issue is too large, and tells people of that one', async () => {
    const { gitea, open, job, look, tracker } = await start();
    const others = [1, 2, 3].map((at) => open(`Before ${at}`));
    const large = open('Large', 'x'.repeat(25_000_000));
    others.push(...[4, 5, 6].map((at) => open(`After ${at}`)));

    await look('');
    const told = gitea.issue(large).comments.map(({ body }) => body);
    const again = await look('');

    const states = await Promise.all(others.map(async (ref) => (await job(ref))?.state));
    expect(states).toEqual(others.map(() => 'available'));
    expect(await job(large)).toBeUndefined();
    expect(await tracker.readIssue(large)).toEqual({ kind: 'too-large' });
    expect(told).toEqual([expect.stringContaining('This issue is more than is read of an issue')]);
    expect(gitea.issue(large).comments).toHaveLength(1);
    expect(again.bytes).toBeLessThan(MOST_BYTES * others.length);
  });

  it('does not take for gone what has become too large: its job needs attention', async () => {
    const { gitea, open, job, look } = await start();
    const ref = open('Grows');
    await look('');
    gitea.editIssue(ref, { body: 'x'.repeat(25_000_000) }, { by: 'ann' });

    await look('');

    expect(await job(ref)).toMatchObject({ state: 'needs_attention' });
  });

  it('reads what else was said where one comment is too large', async () => {
    const { gitea, open, job, look } = await start();
    const ref = open('Said');
    await look('', ref);
    gitea.comment(ref, 'x'.repeat(25_000_000), { by: 'ann' });
    gitea.comment(ref, '/mosaic priority 9', { by: 'ann' });

    await look('two', ref);
    const next = await look('three', ref);

    expect(await job(ref)).toMatchObject({ priority: 9 });
    expect(next.bytes).toBeLessThan(MOST_BYTES);
  });
});
