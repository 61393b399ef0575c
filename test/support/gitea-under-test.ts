import { SystemClock, type IssueRef } from '../../src/kernel/index.js';

/** Who does something: the owner of the repositories, another who may write, the bot, and one who may only read. */
export type Who = 'person' | 'colleague' | 'bot' | 'stranger';

/** A repository to test in. Its default branch is `main`. */
export interface RepositoryUnderTest {
  readonly owner: string;
  readonly repo: string;
  /** The commit that `main` began with. */
  readonly commit: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** How often a real server, which works things out behind its answers, is asked before it is called wrong. */
const LOOKS = 300;
const LOOK_AGAIN_MS = 100;

/**
 * A Gitea or Forgejo to test against: where it is, and accounts whose tokens are known. Everything else is asked of its
 * REST interface, so that a test cannot tell which one it has.
 */
export abstract class GiteaUnderTest {
  /** Without a slash at the end. */
  abstract readonly url: string;

  abstract login(who: Who): string;

  abstract tokenOf(who: Who): string;

  /** A new repository of the person's or of an organisation's, in which the person administers, bot and colleague write. */
  abstract createRepository(files?: Readonly<Record<string, string>>): Promise<RepositoryUnderTest>;

  abstract deleteRepository(repository: RepositoryUnderTest): Promise<void>;

  /** Deletes everything that was made. */
  abstract close(): Promise<void>;

  /** What a request of one of the accounts is answered. */
  ask<T = Json>(who: Who, method: string, path: string, body?: unknown): Promise<T> {
    return askGitea<T>(this.url, `token ${this.tokenOf(who)}`, { method, path, body });
  }

  /** The same, or null where it is answered with 404. */
  async askFor<T = Json>(who: Who, path: string): Promise<T | null> {
    return this.ask<T>(who, 'GET', path).catch((error: unknown) => {
      if (error instanceof RefusedByGitea && error.status === 404) return null;
      throw error;
    });
  }

  /** Everything that a list has, page after page, as the person sees it. */
  async list<T = Json>(path: string): Promise<T[]> {
    const found: T[] = [];
    for (let page = 1; ; page += 1) {
      const join = path.includes('?') ? '&' : '?';
      const entries = await this.ask<T[] | null>('person', 'GET', `${path}${join}page=${page}`);
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
      if (attempt === LOOKS) throw new Error(`After ${attempt} looks it is still ${JSON.stringify(answer)}`);
      await clock.sleep(LOOK_AGAIN_MS, new AbortController().signal);
    }
  }
}

/** A status of 400 or more. */
export class RefusedByGitea extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * @param authorization the header that says who asks
 * @throws {RefusedByGitea} for a status of 400 or more
 */
export async function askGitea<T = Json>(
  url: string,
  authorization: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { Authorization: authorization, Accept: 'application/json', 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    const said = `${url} answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`;
    throw new RefusedByGitea(response.status, said);
  }
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Where the REST interface has a repository, or an issue of it. */
export function apiPath(ref: { readonly owner: string; readonly repo: string }, issue?: IssueRef): string {
  return `/repos/${ref.owner}/${ref.repo}${issue === undefined ? '' : `/issues/${issue.number}`}`;
}
