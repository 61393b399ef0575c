import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { describeStartSource } from '../../test/contracts/start-source.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import type { IssueRef } from '../kernel/index.js';
import { FakeGitea, SeededRandomness } from '../testing/index.js';
import { GiteaStarts } from './gitea-starts.js';
import { GiteaModule } from './gitea.module.js';

async function start(options: { readonly token?: null; readonly botName?: string } = {}) {
  const gitea = await FakeGitea.start({ users: ['bot', 'ann', 'eve'], largestPageSize: 3 });
  const repository = await gitea.createRepository({ owner: 'ann', name: 'shop', collaborators: { bot: 'write' } });
  const module = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: options.token === null ? null : gitea.createToken('bot'),
        botName: options.botName,
        clock: new HastyClock(15_000),
        randomness: new SeededRandomness(),
      }),
    ],
  }).compile();
  const end = async (): Promise<void> => {
    await module.close();
    await gitea.close();
  };
  return { gitea, repository, source: module.get(GiteaStarts), end };
}

async function startOf(source: GiteaStarts, ref: IssueRef) {
  return (await source.startsAfter(ref, { id: 0, at: null }))?.start ?? null;
}

describe.each([{}, { botName: 'BOT' }])('with %j', (options) => {
  describeStartSource('GiteaStarts', async () => {
    const { gitea, repository, source, end } = await start(options);
    return {
      source,
      openIssue: () => gitea.openIssue(repository, { title: 'A' }, { by: 'ann' }),
      assign: (ref, by) => gitea.assign(ref, ['bot'], { by }),
      reopen: (ref, by) => {
        gitea.closeIssue(ref, { by });
        gitea.reopen(ref, { by });
      },
      disturb: (ref, by) => {
        gitea.comment(ref, 'assigned @bot', { by });
        gitea.addLabel(ref, 'bug', { by });
        gitea.assign(ref, ['eve'], { by });
        gitea.unassign(ref, ['bot', 'eve'], { by });
      },
      end,
    };
  });
});

describe('GiteaStarts', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function make(options: Parameters<typeof start>[0] = {}) {
    const world = await start(options);
    endings.push(world.end);
    const ref = world.gitea.openIssue(world.repository, { title: 'A' }, { by: 'ann' });
    return { ...world, ref };
  }

  /** Lets the pages of a timeline say this, and those after them nothing. */
  function pretend(gitea: FakeGitea, ...pages: readonly unknown[]): void {
    const add = (body: unknown, query: RegExp) =>
      gitea.faults.add({ path: /timeline$/, query, kind: 'pretend', status: 200, body, times: 100 });
    for (const [at, page] of pages.entries()) add(page, new RegExp(`page=${at + 1}&`));
    add([], /page=/);
  }

  const line = (id: number, more: object) => ({ id, type: 'reopen', user: { id: 5, login: 'ann' }, ...more });

  it('knows nothing without a token, and asks nothing', async () => {
    const { gitea, source, ref } = await make({ token: null });

    expect(source.canTell).toBe(false);
    expect(await startOf(source, ref)).toBeNull();
    expect(gitea.requests).toEqual([]);
  });

  it('knows of the assigning that an issue was opened with', async () => {
    const { gitea, repository, source } = await make();
    const ref = gitea.openIssue(repository, { title: 'A', assignees: ['bot'] }, { by: 'eve' });

    expect(await startOf(source, ref)).toMatchObject({ person: { login: 'eve' } });
  });

  it('reads every page of a long history', async () => {
    const { gitea, source, ref } = await make();
    for (const text of 'abcdefgh') gitea.comment(ref, text, { by: 'ann' });
    gitea.assign(ref, ['bot'], { by: 'eve' });

    expect(await startOf(source, ref)).toMatchObject({ person: { login: 'eve' } });
  });

  it('goes on after a page of which Gitea has left out every line', async () => {
    const { gitea, source, ref } = await make();
    pretend(gitea, [line(1, {})], [], [line(9, { user: { id: 6, login: 'eve' } })]);

    expect(await startOf(source, ref)).toEqual({ eventId: 9, person: { id: 6, login: 'eve' }, at: null });
  });

  it('goes by the number of the event, not by its place', async () => {
    const { gitea, source, ref } = await make();
    pretend(gitea, [line(9, { user: { id: 6, login: 'eve' } }), line(1, {})]);

    expect(await startOf(source, ref)).toMatchObject({ eventId: 9 });
  });

  it('passes over lines that Gitea could not put together, and over those that name nobody', async () => {
    const { gitea, source, ref } = await make();
    pretend(gitea, [null, line(4, {}), line(5, { type: 'assignees', assignee: null })], [null, null]);

    expect(await startOf(source, ref)).toMatchObject({ eventId: 4 });
  });

  it('takes whoever is gone for a ghost', async () => {
    const { gitea, source, ref } = await make();
    pretend(gitea, [line(4, { user: null })]);

    expect(await startOf(source, ref)).toEqual({ eventId: 4, person: { id: -1, login: 'Ghost' }, at: null });
  });

  it('ends where a server minds no page and repeats itself', async () => {
    const { gitea, source, ref } = await make();
    gitea.faults.add({ path: /timeline$/, kind: 'pretend', status: 200, body: [line(4, {})], times: 100 });

    expect(await startOf(source, ref)).toMatchObject({ eventId: 4 });
  });

  it('gives up on a history without an end', async () => {
    const { gitea, source, ref } = await make();
    gitea.faults.add({ path: /timeline$/, kind: 'pretend', status: 200, body: [null], times: 2_000 });

    await expect(startOf(source, ref)).rejects.toMatchObject({ code: 'GITEA_ANSWER_INVALID' });
  }, 60_000);

  it.each([[[{ type: 'reopen' }]], [['reopen']], [{}]])('does not believe %j', async (body) => {
    const { gitea, source, ref } = await make();
    pretend(gitea, body);

    await expect(startOf(source, ref)).rejects.toMatchObject({ code: 'GITEA_ANSWER_INVALID' });
  });

  it('says nothing where Gitea fails', async () => {
    const { gitea, source, ref } = await make();
    gitea.faults.add({ path: /timeline$/, kind: 'status', status: 502, times: 100 });

    await expect(startOf(source, ref)).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED' });
  });
});
