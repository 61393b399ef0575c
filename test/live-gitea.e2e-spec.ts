import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { randomBytes } from 'node:crypto';
import { GiteaIssueLinks, GiteaIssueTracker, GiteaModule } from '../src/gitea/index.js';
import type { IssueRef } from '../src/kernel/index.js';
import { callTool, say, ScriptedModelServer, stepsRule } from '../src/testing/index.js';
import { describeIssueLinks } from './contracts/issue-links.contract.js';
import { describeIssueTracker } from './contracts/issue-tracker.contract.js';
import { differencesOf, type Exchange } from './support/gitea-description.js';
import { LiveGitea, liveGiteaOf, type LiveRepository } from './support/live-gitea.js';
import { ServiceProcess } from './support/service-process.js';
import { gatesWith, issueBody } from './support/start-coordination.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(180_000);

const LIVE = liveGiteaOf();
const describeLive = LIVE === null ? describe.skip : describe;

describeLive(`A real Gitea or Forgejo (${LIVE?.url ?? 'skipped without GITEA_LIVE_URL and GITEA_LIVE_TOKEN'})`, () => {
  let live: LiveGitea;
  const exchanges: Exchange[] = [];

  beforeAll(async () => {
    live = await LiveGitea.open(LIVE ?? { url: '', token: '' });
  });

  afterAll(() => live.close());

  async function startModule() {
    const module = await Test.createTestingModule({
      imports: [
        GiteaModule.forRoot({ baseUrl: live.url, token: live.tokenOf('bot'), fetch: listeningFetch(exchanges) }),
      ],
    }).compile();
    const repositories: LiveRepository[] = [];
    return {
      module,
      createRepository: async (): Promise<LiveRepository> => {
        const made = await live.createRepository();
        repositories.push(made);
        return made;
      },
      end: async (): Promise<void> => {
        await module.close();
        for (const repository of repositories) await live.deleteRepository(repository);
      },
    };
  }

  const issuePath = ({ owner, repo, number }: IssueRef): string => `/repos/${owner}/${repo}/issues/${number}`;

  describeIssueTracker('GiteaIssueTracker', async () => {
    const { module, createRepository, end } = await startModule();
    const repository = await createRepository();
    const path = `/repos/${repository.owner}/${repository.repo}`;
    const bot = live.login('bot');
    const person = live.login('person');
    const stranger = live.login('stranger');
    const whoIs = new Map([
      [bot, 'bot'],
      [person, 'person'],
      [stranger, 'stranger'],
    ] as const);
    type Texts = { readonly number: number; readonly title: string; readonly body: string };
    return {
      tracker: module.get(GiteaIssueTracker),
      bot,
      person,
      stranger,
      headBranch: 'work',
      baseBranch: 'main',
      commit: repository.commit,
      openIssue: (title, body) => live.openIssue(repository, title, body),
      async assign(ref, assignees) {
        await live.ask('person', 'PATCH', issuePath(ref), { assignees });
      },
      async close(ref) {
        await live.ask('person', 'PATCH', issuePath(ref), { state: 'closed' });
      },
      async remove(ref) {
        await live.ask('person', 'DELETE', issuePath(ref));
      },
      async addLabel(ref, name) {
        const { id } = await live.ask('person', 'POST', `${path}/labels`, { name, color: '#00aabb' });
        await live.ask('person', 'POST', `${issuePath(ref)}/labels`, { labels: [id] });
      },
      async block(ref, { owner, repo, number: index }) {
        await live.ask('person', 'POST', `${issuePath(ref)}/dependencies`, { owner, repo, index });
      },
      async comment(ref, body, by = person) {
        await live.ask(whoIs.get(by) ?? 'person', 'POST', `${issuePath(ref)}/comments`, { body });
      },
      async comments(ref) {
        const all = await live.ask<{ body: string }[]>('person', 'GET', `${issuePath(ref)}/comments`);
        return all.map(({ body }) => body);
      },
      async labels(ref) {
        const all = await live.ask<{ name: string }[]>('person', 'GET', `${issuePath(ref)}/labels`);
        return all.map(({ name }) => name);
      },
      async openPullRequests() {
        const all = await live.list<Texts>(`${path}/pulls?state=open`);
        return all.map(({ number, title, body }) => ({ number, title, body }));
      },
      async closePullRequest(number) {
        await live.ask('person', 'PATCH', `${path}/pulls/${number}`, { state: 'closed' });
      },
      async statuses() {
        type Status = { id: number; context: string; status: string; description: string; target_url: string };
        const all = await live.list<Status>(`${path}/commits/${repository.commit}/statuses`);
        return all
          .toSorted((a, b) => a.id - b.id)
          .map(({ context, status, description, target_url: url }) => ({
            context,
            state: status,
            description,
            targetUrl: url || null,
          }));
      },
      end,
    };
  });

  describeIssueLinks('GiteaIssueLinks', async () => {
    const { module, createRepository, end } = await startModule();
    const [here, elsewhere] = [await createRepository(), await createRepository()];
    type Blocker = { readonly number: number; readonly repository: { readonly owner: string; readonly name: string } };
    return {
      links: module.get(GiteaIssueLinks),
      openIssue: (title) => live.openIssue(here, title),
      openIssueElsewhere: (title) => live.openIssue(elsewhere, title),
      async blockersOf(ref) {
        const all = await live.list<Blocker>(`${issuePath(ref)}/dependencies`);
        return all.map(({ number, repository: { owner, name: repo } }) => ({ owner, repo, number }));
      },
      end,
    };
  });

  it('has an issue assigned, worked on, proved, reviewed and merged, whether or not its webhooks arrive', async () => {
    const repository = await live.createRepository({ '.mosaic/coordinator.yml': gatesWith('true') });
    const { owner, repo } = repository;
    const path = `/repos/${owner}/${repo}`;
    const secrets = ['GITEA_WEBHOOK_SECRET', 'ANTHROPIC_API_KEY', 'API_TOKEN'].map((name) => [name, secret()] as const);
    const { ANTHROPIC_API_KEY: apiKey = '', GITEA_WEBHOOK_SECRET: hookSecret, ...rest } = Object.fromEntries(secrets);
    const write = callTool('write', { path: 'answer.txt', content: 'right' });
    const model = new ScriptedModelServer({ apiKey, rules: [diligent([write, say('The answer is right.')])] });
    const folder = makeTemporaryFolder();
    const service = ServiceProcess.start({
      ...rest,
      ANTHROPIC_API_KEY: apiKey,
      GITEA_WEBHOOK_SECRET: String(hookSecret),
      GITEA_URL: live.url,
      GITEA_TOKEN: live.tokenOf('bot'),
      GITEA_BOT_NAME: live.login('bot'),
      ANTHROPIC_BASE_URL: await model.start(),
      ALLOW_UNSANDBOXED_AGENT: 'true',
      DATA_FOLDER: folder.path,
      SWEEP_INTERVAL_SECONDS: '5',
      HOST: '127.0.0.1',
      PORT: '0',
    });
    try {
      const url = `${await service.address()}/webhook/gitea`;
      const config = { url, content_type: 'json', secret: hookSecret };
      await live.ask('person', 'POST', `${path}/hooks`, {
        type: 'gitea',
        active: true,
        events: ['issues', 'pull_request'],
        config,
      });
      const issue = await live.openIssue(repository, 'Make it right', issueBody());

      await live.ask('person', 'PATCH', issuePath(issue), { assignees: [live.login('bot')] });
      await service.line('Job moved', { issue: `${owner}/${repo}#${issue.number}`, to: 'in_review' });
      const [pull] = await live.list<{ number: number; head: { sha: string }; body: string }>(
        `${path}/pulls?state=open`,
      );
      const pullPath = `${path}/pulls/${pull?.number ?? 0}`;
      const statuses = await live.list<{ context: string; status: string }>(
        `${path}/commits/${pull?.head.sha ?? ''}/statuses`,
      );
      const comments = await live.ask<{ user: { login: string } }[]>('person', 'GET', `${issuePath(issue)}/comments`);
      await live.until(
        () => live.ask('person', 'GET', pullPath),
        ({ mergeable }) => mergeable === true,
      );
      await live.ask('person', 'POST', `${pullPath}/merge`, { Do: 'merge' });
      await service.line('Job moved', { issue: `${owner}/${repo}#${issue.number}`, to: 'completed' });

      expect(pull?.body).toContain(`#${issue.number}`);
      expect(statuses.map(({ status }) => status)).toContain('success');
      expect(comments.map(({ user }) => user.login)).toContain(live.login('bot'));
      expect(await live.ask('person', 'GET', issuePath(issue))).toMatchObject({ state: 'closed' });
    } finally {
      await service[Symbol.asyncDispose]();
      await model.stop();
      folder.remove();
      await live.deleteRepository(repository);
    }
  });

  it('answers in the forms that are known of it', () => {
    expect(exchanges.length).toBeGreaterThan(50);
    expect([...new Set(exchanges.flatMap((exchange) => differencesOf(exchange, 'loose')))]).toEqual([]);
  });
});

function secret(): string {
  return randomBytes(16).toString('hex');
}

function diligent(steps: Parameters<typeof stepsRule>[0]['steps']): ReturnType<typeof stepsRule> {
  return stepsRule({ name: 'diligent', when: ({ outputSchema }) => outputSchema === null, steps });
}

/** Speaks as `fetch` does, and writes down what was said. */
function listeningFetch(exchanges: Exchange[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const text = await response.clone().text();
    exchanges.push({
      method: init?.method ?? 'GET',
      path: url.pathname.replace(/^.*\/api\/v1/, ''),
      query: url.search,
      sent: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      status: response.status,
      received: text === '' ? undefined : (JSON.parse(text) as unknown),
    });
    return response;
  };
}
