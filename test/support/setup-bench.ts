import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import {
  Convergence,
  GiteaAccessClient,
  GiteaClient,
  GiteaFilesClient,
  GiteaHooksClient,
  GiteaModule,
} from '../../src/gitea/index.js';
import type { Finding, RunningService, SetupGitea } from '../../src/setup/index.js';
import { findingLine } from '../../src/setup/index.js';
import { FakeGitea, type AccessLevel } from '../../src/testing/index.js';
import { HastyClock } from './hasty-clock.js';

export const OWNER = 'ada';
export const BOT = 'mosaic';
export const SHOP = { owner: OWNER, repo: 'shop' } as const;
export const SECRET = 'whsec-5fb1b1d2c0a94e7e';

const TIMEOUT_MS = 15_000;

/** Its gates are found at once. */
const FILES = { 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) };

interface Start {
  readonly version?: string;
  readonly allowedHosts?: 'all' | 'external';
  readonly files?: Readonly<Record<string, string>>;
  readonly access?: AccessLevel;
}

/** A fake Gitea with one repository, whoever asks it with which token, and a receiver of webhooks that counts. */
export class SetupBench implements AsyncDisposable {
  private readonly contexts: INestApplicationContext[] = [];
  readonly receiver = new CountingReceiver();
  /** What was reported, as it is printed. */
  readonly lines: string[] = [];
  readonly report = (finding: Finding): void => void this.lines.push(findingLine(finding));

  private constructor(readonly gitea: FakeGitea) {}

  static async start({ version, allowedHosts, files = FILES, access = 'write' }: Start = {}) {
    const gitea = await FakeGitea.start({
      users: [OWNER, BOT],
      ...(version !== undefined && { version }),
      ...(allowedHosts !== undefined && { allowedHosts }),
    });
    await gitea.createRepository({ owner: OWNER, name: SHOP.repo, files, collaborators: { [BOT]: access } });
    const bench = new SetupBench(gitea);
    await bench.receiver.start();
    return bench;
  }

  /** Gitea, asked by somebody; null for nobody. */
  async as(login: string | null, scopes?: readonly string[]): Promise<SetupGitea> {
    const token = login === null ? null : this.gitea.createToken(login, scopes === undefined ? {} : { scopes });
    return this.with(token, login === BOT ? 'GITEA_TOKEN' : 'GITEA_SETUP_TOKEN');
  }

  async with(token: string | null, variable = 'GITEA_TOKEN', baseUrl = this.gitea.url): Promise<SetupGitea> {
    const options = { baseUrl, token, botName: BOT, clock: new HastyClock(TIMEOUT_MS) };
    const context = await NestFactory.createApplicationContext(GiteaModule.forRoot(options), { logger: false });
    this.contexts.push(context);
    return {
      client: context.get(GiteaClient),
      access: context.get(GiteaAccessClient),
      hooks: context.get(GiteaHooksClient),
      files: context.get(GiteaFilesClient),
      convergence: context.get(Convergence),
      variable,
    };
  }

  get url(): string {
    return `${this.receiver.address}/webhook/gitea`;
  }

  get service(): RunningService {
    return { address: this.receiver.address, apiToken: null, fetch, timeoutMs: 5_000 };
  }

  /** A clock on which whoever waits sees what Gitea had to send. */
  get clock(): HastyClock {
    const { gitea } = this;
    return new (class extends HastyClock {
      override async sleep(ms: number): Promise<void> {
        this.waits.push(ms);
        await gitea.idle();
      }
    })(0);
  }

  /** Makes a hook to the receiver with exactly these settings, as a person could. */
  async createHook(given: { readonly active: boolean; readonly events: readonly string[] }): Promise<number> {
    const answer = await fetch(`${this.gitea.url}/api/v1/repos/${OWNER}/${SHOP.repo}/hooks`, {
      method: 'POST',
      headers: { authorization: `token ${this.gitea.createToken(OWNER)}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'gitea',
        ...given,
        config: { url: this.url, content_type: 'json', secret: SECRET },
      }),
    });
    return ((await answer.json()) as { id: number }).id;
  }

  /** The hooks of the repository, as its administrator sees them. */
  async hooks() {
    return (await this.as(OWNER)).hooks.hooks({ kind: 'repository', repository: SHOP });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.contexts) await context.close();
    await this.receiver.stop();
    await this.gitea.close();
  }
}

/** What of the service a webhook meets: it checks the signature, and counts. */
export class CountingReceiver {
  /** Those it takes. */
  secrets: readonly string[] = [SECRET];
  private readonly counts = new Map<string, number>();
  private readonly server: Server = createServer((request, response) => {
    if (request.url === '/metrics') {
      const samples = [...this.counts].map(
        ([outcome, count]) => `mosaic_coordinator_deliveries_total{outcome="${outcome}"} ${count}`,
      );
      response.end(`${samples.join('\n')}\n`);
      return;
    }
    if (request.url === '/health/ready') {
      response.end(JSON.stringify({ status: 'ok', details: { configuration: { limitations: ['No API.'] } } }));
      return;
    }
    void buffer(request).then((body) => {
      const digests = this.secrets.map((secret) => createHmac('sha256', secret).update(body).digest('hex'));
      this.count(digests.includes(String(request.headers['x-gitea-signature'])) ? 'ignored' : 'refused');
      response.end();
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  count(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
