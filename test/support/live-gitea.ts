import { randomBytes } from 'node:crypto';
import { SystemClock, type IssueRef } from '../../src/kernel/index.js';

/** The Gitea or Forgejo that is to be asked, by GITEA_LIVE_URL and GITEA_LIVE_TOKEN; null where none is named. */
export function liveGiteaOf(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly url: string; readonly token: string } | null {
  const { GITEA_LIVE_URL: url = '', GITEA_LIVE_TOKEN: token = '' } = environment;
  return url === '' || token === '' ? null : { url: url.replace(/\/+$/, ''), token };
}

/** Who does something: one of the accounts that the run made. */
export type Who = 'person' | 'bot' | 'stranger';

/** A repository with two branches: `main`, and `work`, which has one more file. */
export interface LiveRepository {
  readonly owner: string;
  readonly repo: string;
  /** The commit that `main` begins with. */
  readonly commit: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A real Gitea or Forgejo, seen as people see it: three accounts of its own, repositories of theirs, and nothing left
 * when it is closed. Needs the token of a site administrator with every scope, and so a server for tests.
 */
export class LiveGitea {
  private readonly password = `Aa1!${randomBytes(12).toString('hex')}`;
  private readonly tokens = new Map<Who, string>();

  private constructor(
    readonly url: string,
    private readonly token: string,
    private readonly suffix: string,
  ) {}

  /** Makes the accounts. */
  static async open({ url, token }: { readonly url: string; readonly token: string }): Promise<LiveGitea> {
    const live = new LiveGitea(url, token, randomBytes(4).toString('hex'));
    for (const who of ['person', 'bot', 'stranger'] as const) {
      const username = live.login(who);
      await live.send(`token ${token}`, 'POST', '/admin/users', {
        username,
        email: `${username}@example.org`,
        password: live.password,
        must_change_password: false,
      });
      const basic = Buffer.from(`${username}:${live.password}`).toString('base64');
      const made = await live.send(`Basic ${basic}`, 'POST', `/users/${username}/tokens`, {
        name: 'mosaic tests',
        scopes: ['all'],
      });
      live.tokens.set(who, String(made['sha1']));
    }
    return live;
  }

  /** Deletes the accounts with all that they have. */
  async close(): Promise<void> {
    for (const who of this.tokens.keys()) {
      await this.send(`token ${this.token}`, 'DELETE', `/admin/users/${this.login(who)}?purge=true`);
    }
  }

  login(who: Who): string {
    return `mosaic-${who}-${this.suffix}`;
  }

  tokenOf(who: Who): string {
    return String(this.tokens.get(who));
  }

  /** What a request of one of the accounts is answered. */
  ask<T = Json>(who: Who, method: string, path: string, body?: unknown): Promise<T> {
    return this.send(`token ${this.tokenOf(who)}`, method, path, body) as Promise<T>;
  }

  /** A new repository of the person's, in which the bot may write. */
  async createRepository(files: Readonly<Record<string, string>> = {}): Promise<LiveRepository> {
    const owner = this.login('person');
    const repo = `repo-${randomBytes(4).toString('hex')}`;
    const path = `/repos/${owner}/${repo}`;
    await this.ask('person', 'POST', '/user/repos', { name: repo, auto_init: true, default_branch: 'main' });
    await this.ask('person', 'PUT', `${path}/collaborators/${this.login('bot')}`, { permission: 'write' });
    for (const [name, text] of Object.entries(files)) await this.addFile(path, name, text, {});
    await this.addFile(path, 'new.txt', 'new\n', { new_branch: 'work' });
    const { commit } = await this.ask<{ commit: { id: string } }>('person', 'GET', `${path}/branches/main`);
    return { owner, repo, commit: commit.id };
  }

  async deleteRepository({ owner, repo }: LiveRepository): Promise<void> {
    await this.ask('person', 'DELETE', `/repos/${owner}/${repo}`);
  }

  async openIssue({ owner, repo }: LiveRepository, title: string, body = ''): Promise<IssueRef> {
    const { number } = await this.ask('person', 'POST', `/repos/${owner}/${repo}/issues`, { title, body });
    return { owner, repo, number: Number(number) };
  }

  /** Everything that a list has, page after page. */
  async list<T = Json>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page += 1) {
      const entries = await this.ask<T[] | null>(
        'person',
        'GET',
        `${path}${path.includes('?') ? '&' : '?'}page=${page}`,
      );
      found.push(...(entries ?? []));
      if ((entries ?? []).length === 0) return found;
    }
  }

  /** Asks until the answer will do: a real server works things out behind its answers, and tells nobody when. */
  async until<T>(ask: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
    const clock = new SystemClock();
    for (let attempt = 1; ; attempt += 1) {
      const answer = await ask();
      if (isEnough(answer)) return answer;
      if (attempt === 100) throw new Error(`After ${attempt} looks it is still ${JSON.stringify(answer)}`);
      await clock.sleep(100, new AbortController().signal);
    }
  }

  private async addFile(path: string, name: string, text: string, where: Json): Promise<void> {
    const content = Buffer.from(text).toString('base64');
    await this.ask('person', 'POST', `${path}/contents/${name}`, {
      content,
      message: `Add ${name}`,
      branch: 'main',
      ...where,
    });
  }

  private async send(authorization: string, method: string, path: string, body?: unknown): Promise<Json> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: authorization, Accept: 'application/json', 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${this.url} answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`);
    return (text === '' ? {} : JSON.parse(text)) as Json;
  }
}
