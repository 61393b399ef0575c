import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { describeIssueLinks, type LinksWorld } from '../../test/contracts/issue-links.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { FakeGitea, SeededRandomness, type FaultKind } from '../testing/index.js';
import { GiteaIssueLinks } from './gitea-issue-links.js';
import { GiteaModule } from './gitea.module.js';
import type { GiteaModuleOptions } from './gitea.options.js';

async function startLinks(options: Partial<GiteaModuleOptions> = {}) {
  const gitea = await FakeGitea.start({ users: ['Ann', 'bot'], rootUrl: 'http://gitea.invalid', largestPageSize: 3 });
  const collaborators = { bot: 'write' as const };
  const repository = await gitea.createRepository({ owner: 'Ann', name: 'Shop', collaborators });
  const elsewhere = await gitea.createRepository({ owner: 'Ann', name: 'Other', collaborators });
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
  const open = (title: string) => gitea.openIssue(repository, { title }, { by: 'Ann' });
  return {
    gitea,
    repository,
    elsewhere,
    links: module.get(GiteaIssueLinks),
    open,
    blockers: (ref: Parameters<FakeGitea['issue']>[0]) =>
      [...gitea.issue(ref).blockers].map(({ repository: { owner, name }, number }) => ({
        owner: owner.login,
        repo: name,
        number,
      })),
    writes: () => gitea.requests.filter(({ method }) => method !== 'GET'),
    end: async () => {
      await module.close();
      await gitea.close();
    },
  };
}

async function makeWorld(): Promise<LinksWorld> {
  const { gitea, elsewhere, links, open, blockers, end } = await startLinks();
  return {
    links,
    openIssue: open,
    openIssueElsewhere: (title) => gitea.openIssue(elsewhere, { title }, { by: 'Ann' }),
    blockersOf: async (ref) => blockers(ref),
    end,
  };
}

describeIssueLinks('GiteaIssueLinks', makeWorld);

describe('GiteaIssueLinks', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function start(options: Partial<GiteaModuleOptions> = {}) {
    const started = await startLinks(options);
    endings.push(started.end);
    return started;
  }

  it('writes nothing where the link is as it should be', async () => {
    const { links, open, gitea, writes } = await start();
    const [blocker, blocked, other] = [open('1'), open('2'), open('3')];
    gitea.addDependency(blocked, blocker);

    await links.ensureLink({ blocker, blocked });
    await links.ensureNoLink({ blocker: other, blocked });

    expect(writes()).toEqual([]);
  });

  const FAULTS: readonly FaultKind[] = [
    { kind: 'done-but-timed-out' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'truncated' },
    { kind: 'reset' },
    { kind: 'html', status: 200 },
  ];

  it.each(FAULTS)('comes to the same after a fault at any request: %j', async (fault) => {
    const { links, open, gitea, blockers } = await start();

    for (const skip of [0, 1, 2, 3, 4, 5]) {
      const [blocker, blocked] = [open(`a ${skip}`), open(`b ${skip}`)];
      const hit = gitea.faults.add({ path: /^\/api\//, skip, ...fault });
      expect(await links.ensureLink({ blocker, blocked })).toEqual({ kind: 'done' });
      expect(blockers(blocked)).toEqual([blocker]);
      hit.remove();

      const again = gitea.faults.add({ path: /^\/api\//, skip, ...fault });
      expect(await links.ensureNoLink({ blocker, blocked })).toEqual({ kind: 'done' });
      expect(blockers(blocked)).toEqual([]);
      again.remove();
    }
  });

  it('takes a 500 that means "exists already" for done', async () => {
    const { links, open, gitea, blockers } = await start();
    const [blocker, blocked] = [open('1'), open('2')];
    // Somebody makes the link between the look and the write.
    const onHit = (): void => gitea.addDependency(blocked, blocker);
    gitea.faults.add({ method: 'POST', path: /dependencies$/, onHit, kind: 'status', status: 500 });

    expect(await links.ensureLink({ blocker, blocked })).toEqual({ kind: 'done' });
    expect(blockers(blocked)).toEqual([blocker]);
  });

  it('is refused where dependencies are switched off, and where the bot may not write', async () => {
    const { links, open, gitea } = await start();
    const blocker = open('1');
    const outcomes: unknown[] = [];

    for (const options of [{}, { hasDependencies: false, collaborators: { bot: 'write' as const } }]) {
      const repository = await gitea.createRepository({ owner: 'Ann', name: `r${outcomes.length}`, ...options });
      const blocked = gitea.openIssue(repository, { title: '2' }, { by: 'Ann' });
      outcomes.push(await links.ensureLink({ blocker, blocked }));
    }

    expect(outcomes).toMatchObject([{ kind: 'refused' }, { kind: 'refused' }]);
  });

  it('is refused by a token that may not, and fails where nobody knows the token', async () => {
    const { links, open, gitea } = await start();
    const [blocker, blocked] = [open('1'), open('2')];
    gitea.faults.add({ path: /dependencies$/, method: 'POST', kind: 'status', status: 403 });
    expect(await links.ensureLink({ blocker, blocked })).toMatchObject({ kind: 'refused' });

    gitea.faults.add({ path: /^\/api\//, times: Infinity, kind: 'status', status: 401 });
    await expect(links.ensureLink({ blocker, blocked })).rejects.toMatchObject({ code: 'GITEA_AUTH_REFUSED' });
  });

  it('says whether it can write by whether there is a token', async () => {
    expect((await start()).links.canLink).toBe(true);
    expect((await start({ token: null })).links.canLink).toBe(false);
  });
});
