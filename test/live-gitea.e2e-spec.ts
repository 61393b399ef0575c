import { describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { Permission } from '../src/entitlement/index.js';
import {
  GiteaIssueLinks,
  GiteaIssueTracker,
  GiteaModule,
  GiteaPermissions,
  GiteaPullRequests,
  GiteaStarts,
  GiteaSubIssues,
} from '../src/gitea/index.js';
import { describeIssueLinks } from './contracts/issue-links.contract.js';
import { describeIssueTracker } from './contracts/issue-tracker.contract.js';
import { describePermissionSource } from './contracts/permission-source.contract.js';
import { describePullRequests } from './contracts/pull-requests.contract.js';
import { describeStartSource } from './contracts/start-source.contract.js';
import { describeSubIssues } from './contracts/sub-issues.contract.js';
import { differencesOf, type Exchange } from './support/gitea-description.js';
import { GiteaScene } from './support/gitea-scene.js';
import { apiPath, type Who } from './support/gitea-under-test.js';
import { listeningFetch } from './support/listening-fetch.js';
import { LiveGitea } from './support/live-gitea.js';
import { describeLive, describeLiveAlone, type GiteaHost } from './support/on-every-gitea.js';

jest.setTimeout(180_000);

const EVENTS = { approved: 'APPROVED', changes_requested: 'REQUEST_CHANGES', commented: 'COMMENT' } as const;
const TEN_LINES = Array.from({ length: 10 }, (_, at) => `line ${at + 1}\n`).join('');
const NO_ANSWERS = 'no request that every version has answers to a remark of a review, or settles it';
const exchanges: Exchange[] = [];

/** A repository of its own, and what asks of it what a contract wants to know. */
async function startModule(host: GiteaHost) {
  const gitea = await host.open();
  const module = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: gitea.tokenOf('bot'),
        botName: gitea.login('bot'),
        fetch: listeningFetch(exchanges),
      }),
    ],
  }).compile();
  const scene = new GiteaScene(gitea, await gitea.createRepository());
  const whose = new Map((['person', 'colleague', 'bot', 'stranger'] as const).map((who) => [gitea.login(who), who]));
  return {
    gitea,
    module,
    scene,
    who: (login: string): Who => whose.get(login) ?? 'person',
    end: async (): Promise<void> => {
      await module.close();
      await host.release(gitea);
    },
  };
}

describeLiveAlone('What one account can do on a Gitea', (host) => {
  describeIssueLinks('GiteaIssueLinks', async () => {
    const { gitea, module, scene, end } = await startModule(host);
    const elsewhere = new GiteaScene(gitea, await gitea.createRepository());
    return {
      links: module.get(GiteaIssueLinks),
      openIssue: (title) => scene.openIssue(title),
      openIssueElsewhere: (title) => elsewhere.openIssue(title),
      blockersOf: (ref) => scene.blockersOf(ref),
      end,
    };
  });

  describeSubIssues('GiteaSubIssues', async () => {
    const { module, scene, end } = await startModule(host);
    return {
      subIssues: module.get(GiteaSubIssues),
      openIssue: (title) => scene.openIssue(title),
      see: async (ref) => ({ ...(await scene.issue(ref)), labels: await scene.labels(ref) }),
      end,
    };
  });
});

describeLive('What several people do on a Gitea', (host) => {
  describeIssueTracker('GiteaIssueTracker', async () => {
    const { gitea, module, scene, who, end } = await startModule(host);
    await scene.createBranch('work');
    await scene.addFile('work', 'new.txt', 'new\n');
    return {
      tracker: module.get(GiteaIssueTracker),
      bot: scene.bot,
      person: scene.person,
      stranger: gitea.login('stranger'),
      headBranch: 'work',
      baseBranch: 'main',
      commit: scene.repository.commit,
      openIssue: (title, body) => scene.openIssue(title, body),
      assign: (ref, logins) => scene.assign(ref, logins.map(who)),
      close: (ref) => scene.close(ref),
      remove: (ref) => scene.remove(ref),
      addLabel: (ref, name) => scene.addLabel(ref, name),
      block: async (ref, blocker) => void (await scene.block(ref, blocker)),
      comment: (ref, body, by = scene.person) => scene.comment(ref, body, who(by)),
      comments: async (ref) => (await scene.comments(ref)).map(({ body }) => body),
      labels: (ref) => scene.labels(ref),
      async openPullRequests() {
        type Texts = { readonly number: number; readonly title: string; readonly body: string };
        const all = await gitea.list<Texts>(`${scene.path}/pulls?state=open`);
        return all.map(({ number, title, body }) => ({ number, title, body }));
      },
      async closePullRequest(number) {
        await gitea.ask('person', 'PATCH', `${scene.path}/pulls/${number}`, { state: 'closed' });
      },
      statuses: () => scene.statuses(scene.repository.commit),
      end,
    };
  });

  describePullRequests(
    'GiteaPullRequests',
    async () => {
      const { gitea, module, scene, who, end } = await startModule(host);
      await scene.createBranch('work');
      for (const name of ['a', 'b', 'c', 'z']) await scene.addFile('work', `${name}.txt`, TEN_LINES);
      const pull = await scene.openPullRequest('Do it', 'work');
      const change = (state: string) => gitea.ask('person', 'PATCH', `${scene.path}/pulls/${pull.number}`, { state });
      const cannot = (): never => {
        throw new Error(NO_ANSWERS);
      };
      return {
        pullRequests: module.get(GiteaPullRequests),
        pull,
        bot: scene.bot,
        people: [scene.person, gitea.login('colleague')],
        review: (verdict, by, { text = '', remarks = [] } = {}) => {
          const lines = remarks.map(({ path, line, text: body }) => ({ path, line, body }));
          return scene.review(pull, { event: EVENTS[verdict], body: text, remarks: lines }, who(by));
        },
        answer: cannot,
        dismiss: (review) => scene.dismiss(pull, review),
        resolve: cannot,
        async push() {
          const before = await gitea.ask<{ head: { sha: string } }>(
            'person',
            'GET',
            `${scene.path}/pulls/${pull.number}`,
          );
          await scene.addFile('work', 'newer.txt', 'newer\n', 'bot');
          await gitea.until(
            () => gitea.ask<{ head: { sha: string } }>('person', 'GET', `${scene.path}/pulls/${pull.number}`),
            ({ head }) => head.sha !== before.head.sha,
          );
        },
        merge: (by) => scene.merge(pull.number, who(by)),
        close: () => change('closed'),
        reopen: () => change('open'),
        end,
      };
    },
    NO_ANSWERS,
  );

  describeStartSource('GiteaStarts', async () => {
    const { gitea, module, scene, who, end } = await startModule(host);
    return {
      source: module.get(GiteaStarts),
      people: [scene.person, gitea.login('colleague')],
      openIssue: () => scene.openIssue('A'),
      assign: (ref, by) => scene.assign(ref, ['bot'], who(by)),
      async reopen(ref, by) {
        await scene.close(ref, who(by));
        await scene.reopen(ref, who(by));
      },
      async disturb(ref, by) {
        await scene.comment(ref, `assigned @${scene.bot}`, who(by));
        await scene.addLabel(ref, 'bug', who(by));
        await scene.assign(ref, ['bot', 'colleague'], who(by));
        await scene.unassign(ref, who(by));
      },
      end,
    };
  });

  describe.each<Permission>(['write', 'admin'])('with a bot that has %s permission', (permission) => {
    describePermissionSource('GiteaPermissions', async () => {
      const { gitea, module, scene, end } = await startModule(host);
      const live = gitea instanceof LiveGitea ? gitea : null;
      const collaborator = (login: string): string => `${scene.path}/collaborators/${login}`;
      await gitea.ask('person', 'PUT', collaborator(scene.bot), { permission });
      return {
        source: module.get(GiteaPermissions),
        repository: scene.repository,
        loginOf: (name) => live?.nameOf(name) ?? name,
        async grant(login, level) {
          const id = await live?.accountFor(login);
          if (level === 'none') await gitea.ask('person', 'DELETE', collaborator(login));
          else await gitea.ask('person', 'PUT', collaborator(login), { permission: level });
          return id ?? 0;
        },
        end,
      };
    });
  });

  it('keeps nothing of a test that has ended', async () => {
    const { scene, end } = await startModule(host);

    const seen = await scene.gitea.ask('person', 'GET', apiPath(scene.repository));
    await end();
    const gone = await scene.gitea.askFor('person', apiPath(scene.repository));

    expect(seen['full_name']).toBe(`${scene.repository.owner}/${scene.repository.repo}`);
    expect(gone).toBeNull();
  });

  it('answers in the forms that are known of it', () => {
    expect(exchanges.length).toBeGreaterThan(50);
    expect([...new Set(exchanges.flatMap((exchange) => differencesOf(exchange, 'loose')))]).toEqual([]);
  });
});
