import { randomBytes } from 'node:crypto';
import {
  apiPath,
  askGitea,
  GiteaUnderTest,
  RefusedByGitea,
  type Json,
  type RepositoryUnderTest,
  type Who,
} from './gitea-under-test.js';

/** Where a real server is, and whose token is used. */
export interface LiveAddress {
  readonly url: string;
  readonly token: string;
}

/** The Gitea or Forgejo that is to be asked, by GITEA_LIVE_URL and GITEA_LIVE_TOKEN; null where none is named. */
export function liveGiteaOf(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): LiveAddress | null {
  const { GITEA_LIVE_URL: url = '', GITEA_LIVE_TOKEN: token = '' } = environment;
  return url === '' || token === '' ? null : { url: url.replace(/\/+$/, ''), token };
}

/** What the token may do on that server: make accounts, or work under its own alone. */
export interface LiveRights {
  readonly login: string;
  /** Whether it is a site administrator's, with the scope for it. */
  readonly mayMakeAccounts: boolean;
}

/** @throws {RefusedByGitea} where the server does not know the token */
export async function rightsOf({ url, token }: LiveAddress): Promise<LiveRights> {
  const { login, is_admin: isAdmin } = await askGitea(url, `token ${token}`, { method: 'GET', path: '/user' });
  if (isAdmin !== true) return { login: String(login), mayMakeAccounts: false };
  // Nothing is made of an empty form: a token with the scope is told 422, one without it 403.
  const asked = askGitea(url, `token ${token}`, { method: 'POST', path: '/admin/users', body: {} });
  const status = await asked.then(
    () => 201,
    (error: unknown) => (error instanceof RefusedByGitea ? error.status : 0),
  );
  return { login: String(login), mayMakeAccounts: status === 422 };
}

/**
 * A real Gitea or Forgejo: accounts of its own, repositories of theirs, and nothing left when it is closed. With a token
 * that may make no accounts everybody is whoever the token belongs to.
 */
export class LiveGitea extends GiteaUnderTest {
  private readonly suffix = randomBytes(4).toString('hex');
  private readonly password = `Aa1!${randomBytes(12).toString('hex')}`;
  private readonly tokens = new Map<Who, string>();
  private readonly logins = new Set<string>();
  private readonly repositories = new Map<string, RepositoryUnderTest>();
  readonly url: string;

  private constructor(
    private readonly address: LiveAddress,
    private readonly rights: LiveRights,
  ) {
    super();
    this.url = address.url;
  }

  /** Makes the accounts where it may. Whatever fails leaves none behind. */
  static async open(address: LiveAddress, rights?: LiveRights): Promise<LiveGitea> {
    const live = new LiveGitea(address, rights ?? (await rightsOf(address)));
    if (!live.rights.mayMakeAccounts) return live;
    try {
      for (const who of ['person', 'colleague', 'bot', 'stranger'] as const) {
        const login = live.nameOf(who);
        await live.accountFor(login);
        const basic = Buffer.from(`${login}:${live.password}`).toString('base64');
        const form = { name: 'mosaic tests', scopes: ['all'] };
        const path = `/users/${login}/tokens`;
        const made = await askGitea(live.url, `Basic ${basic}`, { method: 'POST', path, body: form });
        live.tokens.set(who, String(made['sha1']));
      }
    } catch (error) {
      await live.close();
      throw error;
    }
    return live;
  }

  /** Deletes repositories and accounts. What cannot be deleted keeps nothing else from it, and is named at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (doing: Promise<unknown>): Promise<unknown> => doing.catch((error) => failures.push(error));
    await attempt(this.deleteRepositories());
    for (const login of this.logins) await attempt(this.administrate('DELETE', `/admin/users/${login}?purge=true`));
    this.logins.clear();
    if (failures.length > 0)
      throw new AggregateError(failures, `${this.url} keeps what the tests made: ${String(failures)}`);
  }

  login(who: Who): string {
    return this.rights.mayMakeAccounts ? this.nameOf(who) : this.rights.login;
  }

  tokenOf(who: Who): string {
    return this.tokens.get(who) ?? this.address.token;
  }

  /** What an account of this run is called. */
  nameOf(name: string): string {
    return `mosaic-${name}-${this.suffix}`;
  }

  /** The id of an account of this run, which is made where it is not there yet. Deleted with the others. */
  async accountFor(login: string): Promise<number> {
    if (this.logins.has(login)) return Number((await this.administrate('GET', `/users/${login}`))['id']);
    const form = {
      username: login,
      email: `${login}@example.org`,
      password: this.password,
      must_change_password: false,
    };
    const { id } = await this.administrate('POST', '/admin/users', form);
    this.logins.add(login);
    return Number(id);
  }

  async createRepository(files: Readonly<Record<string, string>> = {}): Promise<RepositoryUnderTest> {
    const repository = { owner: this.login('person'), repo: `mosaic-tests-${randomBytes(4).toString('hex')}` };
    const path = apiPath(repository);
    const form = { name: repository.repo, auto_init: true, default_branch: 'main' };
    await this.ask('person', 'POST', '/user/repos', form);
    this.repositories.set(repository.repo, { ...repository, commit: '' });
    for (const who of this.rights.mayMakeAccounts ? (['bot', 'colleague'] as const) : []) {
      await this.ask('person', 'PUT', `${path}/collaborators/${this.login(who)}`, { permission: 'write' });
    }
    for (const [name, text] of Object.entries(files)) await this.addFile(path, name, text);
    const { commit } = await this.ask<{ commit: { id: string } }>('person', 'GET', `${path}/branches/main`);
    return { ...repository, commit: commit.id };
  }

  /** Deletes every repository that was made and is still there. */
  async deleteRepositories(): Promise<void> {
    for (const repository of this.repositories.values()) await this.deleteRepository(repository);
  }

  async deleteRepository(repository: RepositoryUnderTest): Promise<void> {
    await this.ask('person', 'DELETE', apiPath(repository));
    this.repositories.delete(repository.repo);
  }

  private async addFile(path: string, name: string, text: string): Promise<void> {
    const form = { content: Buffer.from(text).toString('base64'), message: `Add ${name}`, branch: 'main' };
    await this.ask('person', 'POST', `${path}/contents/${name}`, form);
  }

  private administrate(method: string, path: string, body?: unknown): Promise<Json> {
    return askGitea(this.url, `token ${this.address.token}`, { method, path, body });
  }
}
