import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { describeSubIssues } from '../../test/contracts/sub-issues.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import type { IssueRef } from '../kernel/index.js';
import { FakeGitea, SeededRandomness, type FaultKind } from '../testing/index.js';
import { GiteaModule } from './gitea.module.js';
import type { GiteaModuleOptions } from './gitea.options.js';
import { GiteaSubIssues } from './gitea-sub-issues.js';

async function startSubIssues(options: Partial<GiteaModuleOptions> = {}) {
  const gitea = await FakeGitea.start({ users: ['ann', 'bot'], rootUrl: 'http://gitea.invalid', largestPageSize: 3 });
  const repository = await gitea.createRepository({ owner: 'ann', name: 'shop', collaborators: { bot: 'write' } });
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
  return {
    gitea,
    repository,
    subIssues: module.get(GiteaSubIssues),
    open: (title: string): IssueRef => gitea.openIssue(repository, { title }, { by: 'ann' }),
    end: async () => {
      await module.close();
      await gitea.close();
    },
  };
}

describeSubIssues('GiteaSubIssues', async () => {
  const { gitea, subIssues, open, end } = await startSubIssues();
  return {
    subIssues,
    openIssue: open,
    see: async (ref) => {
      const { title, body, labels } = gitea.issue(ref);
      return { title, body, labels: labels.map(({ name }) => name) };
    },
    end,
  };
});

describe('GiteaSubIssues', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function start(options: Partial<GiteaModuleOptions> = {}) {
    const started = await startSubIssues(options);
    endings.push(started.end);
    return started;
  }

  const FAULTS: readonly FaultKind[] = [
    { kind: 'done-but-timed-out' },
    { kind: 'status', status: 500 },
    { kind: 'truncated' },
    { kind: 'reset' },
    { kind: 'html', status: 200 },
  ];

  it.each(FAULTS)('opens one issue and sets one label after a fault at any request: %j', async (fault) => {
    const { gitea, repository, subIssues, open } = await start({ botName: 'bot' });
    const parent = open('Large');
    const opened = new Set<number>();

    for (const skip of [0, 1, 2, 3, 4]) {
      const hit = gitea.faults.add({ path: /^\/api\//, skip, ...fault });
      const { number } = await subIssues.ensureSubIssue(parent, `part:1:${skip + 1}`, { title: 'A', body: 'A' });
      opened.add(number);
      await subIssues.ensureLabel({ ...parent, number }, 'epic', true);
      hit.remove();
    }

    const ours = gitea.issues(repository).filter(({ author }) => author.login === 'bot');
    expect(new Set(ours.map(({ number }) => number))).toEqual(opened);
    expect(ours).toHaveLength(5);
    expect(gitea.labels(repository).filter(({ name }) => name === 'epic')).toHaveLength(1);
    expect(ours.every(({ labels }) => labels.length === 1)).toBe(true);
  });

  it('does not take for its own what a person wrote under the same marker', async () => {
    const { gitea, repository, subIssues, open } = await start();
    const parent = open('Large');
    const body = 'Mine.\n\n<!-- mosaic:part:1:1 -->';
    const theirs = gitea.openIssue(repository, { title: 'A', body }, { by: 'ann' });

    const ours = await subIssues.ensureSubIssue(parent, 'part:1:1', { title: 'A', body: 'A' });

    expect(ours).not.toEqual(theirs);
  });

  it('goes on where somebody else takes the label away at the same moment', async () => {
    const { gitea, subIssues, open } = await start();
    const ref = open('Large');
    await subIssues.ensureLabel(ref, 'epic', true);
    gitea.faults.add({ method: 'DELETE', path: /labels/, kind: 'status', status: 404 });

    await expect(subIssues.ensureLabel(ref, 'epic', false)).resolves.toBeUndefined();
  });

  it('says whether it can write by whether there is a token', async () => {
    expect((await start()).subIssues.canOpen).toBe(true);
    expect((await start({ token: null })).subIssues.canOpen).toBe(false);
  });

  it('opens none twice that somebody wrote below', async () => {
    const { gitea, subIssues, open } = await start();
    const parent = open('Large');
    const one = await subIssues.ensureSubIssue(parent, 'part:1:1', { title: 'One', body: 'Do it' });
    const { body } = gitea.issue(one);
    gitea.editIssue(one, { body: `${body}\n\nMind the docs` }, { by: 'ann' });

    expect(await subIssues.ensureSubIssue(parent, 'part:1:1', { title: 'One', body: 'Do it' })).toEqual(one);
  });
});
