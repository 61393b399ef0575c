import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CodedError, assertMayWrite, messageOf } from '../kernel/index.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { GiteaAnswerError, GiteaAuthError, GiteaRequestError, GiteaUnreachableError } from './gitea.errors.js';
import { KnownTooLarge } from './known-too-large.js';
import { readBoundedText } from './read-bounded-text.js';
import type { GiteaPath } from './gitea-paths.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import type { ReadPage } from './page-walk.js';
import type { PagedList } from './read-all-pages.js';
import { readLargestPage, readList, readMessage } from './read-answer.js';
import { isPassingFailure, LONGEST_DELAY_MS, readRetryAfter, retryDelayMs } from './retry.js';

/** One request, before it has an address. */
export interface GiteaCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: GiteaPath;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface GiteaAnswer {
  /** The JSON; null where the body was empty. */
  readonly body: unknown;
  /** `X-Total-Count`; null where it was not sent. */
  readonly total: number | null;
  /** When Gitea sent it by its own clock, in milliseconds since 1970; null where it did not say. */
  readonly sentAt: number | null;
}

const MAX_REDIRECTS = 3;

/**
 * Speaks HTTP with the one Gitea it was given. Reads are repeated after passing failures; writes are sent once, for
 * only their caller can look whether they took effect. The token stands in a header and goes to no other host.
 */
@Injectable()
export class GiteaHttp implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  /** Failures of reads that were tried often enough. Whoever meets them must not begin again. */
  private readonly givenUp = new WeakSet<object>();

  private readonly breaker: CircuitBreaker;
  private readonly tooLarge: KnownTooLarge;
  private pageSize: number | null = null;

  constructor(@Inject(GITEA_OPTIONS) private readonly options: GiteaOptions) {
    this.breaker = new CircuitBreaker(options.clock);
    this.tooLarge = new KnownTooLarge(options.clock);
  }

  /**
   * @throws {GiteaAuthError} on 401 and 403
   * @throws {GiteaRequestError} on any other refusal
   * @throws {GiteaUnreachableError} if no answer came
   * @throws {GiteaAnswerError} if the answer cannot be used
   * @throws {GiteaTooLargeError} if the answer is too large, and where it was a few minutes ago
   */
  send(call: GiteaCall): Promise<GiteaAnswer> {
    if (call.method !== 'GET') return assertMayWrite().then(() => this.guarded(call));
    return this.tooLarge.unlessKnown(this.urlOf(call).href, () => this.repeated(call, 1));
  }

  /** Waits as long as is fit after failed attempt number `attempt`, from 1. False: it is to be given up. */
  async mayRepeat(attempt: number, error: unknown): Promise<boolean> {
    const { attempts, clock, randomness } = this.options;
    const isPassing = isPassingFailure(error) && !this.givenUp.has(error);
    if (attempt >= attempts || !isPassing || this.stopping.signal.aborted) return false;
    const delay = retryDelayMs(attempt, error, randomness.fraction());
    if (delay === null) return false;
    await clock.sleep(delay, this.stopping.signal);
    return true;
  }

  /** The JSON of an answer to a read; null where it was empty. */
  async get(path: GiteaPath): Promise<unknown> {
    return (await this.send({ method: 'GET', path })).body;
  }

  /**
   * Deletes what needs no words. Gitea answers 204 to that.
   *
   * @throws {GiteaAnswerError} if something is said all the same: that was not Gitea, and nothing is deleted
   */
  async delete(path: GiteaPath): Promise<void> {
    const { body } = await this.send({ method: 'DELETE', path });
    if (body !== null) throw new GiteaAnswerError(`Gitea answered something to DELETE /${path.join('/')}`);
  }

  /** The pages of a list by their number, from 1. */
  pages<T>(path: GiteaPath, read: (entry: unknown) => T, query: GiteaCall['query'] = {}): ReadPage<T> {
    return async (page, size) => {
      const paging = { page: String(page), limit: String(size) };
      const { body, total } = await this.send({ method: 'GET', path, query: { ...query, ...paging } });
      return { entries: readList(body, read), total };
    };
  }

  /** A list to read as a whole, page by page. */
  list<T>(
    path: GiteaPath,
    read: (entry: unknown) => T,
    { query, ...ways }: Omit<PagedList<T>, 'readPage' | 'largestPage'> & Pick<GiteaCall, 'query'>,
  ): PagedList<T> {
    return { ...ways, readPage: this.pages(path, read, query), largestPage: () => this.largestPage() };
  }

  /** How many entries a page of this Gitea has at most (routers/api/v1/settings/settings.go). Asked once. */
  async largestPage(): Promise<number> {
    this.pageSize ??= readLargestPage(await this.get(['settings', 'api']));
    return this.pageSize;
  }

  /** Ends every request and every wait. */
  onApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async repeated(call: GiteaCall, attempt: number): Promise<GiteaAnswer> {
    try {
      return await this.guarded(call);
    } catch (error) {
      if (!(await this.mayRepeat(attempt, error))) throw this.giveUp(error);
    }
    return this.repeated(call, attempt + 1);
  }

  /** One attempt, unless Gitea is left alone for now; what the attempt showed decides about the next one. */
  private async guarded(call: GiteaCall): Promise<GiteaAnswer> {
    try {
      this.breaker.admit();
    } catch (error) {
      throw this.giveUp(error);
    }
    try {
      const answer = await this.attempt(call);
      this.breaker.succeeded();
      return answer;
    } catch (error) {
      this.breaker.failed(error, LONGEST_DELAY_MS);
      throw error;
    }
  }

  private giveUp(error: unknown): unknown {
    if (isPassingFailure(error)) this.givenUp.add(error);
    return error;
  }

  private async attempt(call: GiteaCall): Promise<GiteaAnswer> {
    const { clock, timeoutMs, maxAnswerBytes } = this.options;
    const late = new AbortController();
    const ended = new AbortController();
    void clock.sleep(timeoutMs, ended.signal).then(() => late.abort());
    const signal = AbortSignal.any([late.signal, this.stopping.signal]);
    try {
      const response = await this.fetchHere(call, this.urlOf(call), signal);
      return this.interpret(call, response, await readBoundedText(nameOf(call), response.body, maxAnswerBytes));
    } catch (error) {
      if (error instanceof CodedError) throw error;
      const why = late.signal.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error);
      throw new GiteaUnreachableError(`Gitea did not answer to ${nameOf(call)}: ${why}`, { cause: error });
    } finally {
      ended.abort();
    }
  }

  /** Follows redirects within the same address only: Gitea sends one for a repository that was renamed. */
  private async fetchHere(call: GiteaCall, url: URL, signal: AbortSignal, redirects = 0): Promise<Response> {
    const { baseUrl, token, fetch } = this.options;
    const response = await fetch(url, {
      method: call.method,
      redirect: 'manual',
      signal,
      headers: {
        Accept: 'application/json',
        ...(token !== null && { Authorization: `token ${token}` }),
        ...(call.body && { 'Content-Type': 'application/json' }),
      },
      ...(call.body && { body: JSON.stringify(call.body) }),
    });
    const { status, headers } = response;
    if (status < 300 || status >= 400) return response;
    await response.body?.cancel();
    const next = new URL(headers.get('location') ?? '', url);
    const keepsMethod = status === 307 || status === 308 || call.method === 'GET';
    if (next.origin === new URL(baseUrl).origin && keepsMethod && redirects < MAX_REDIRECTS) {
      return this.fetchHere(call, next, signal, redirects + 1);
    }
    throw new GiteaRequestError(
      status,
      `Gitea redirects ${nameOf(call)} to ${next.origin}, which is not followed. Is GITEA_URL the address it is served at?`,
    );
  }

  private urlOf(call: GiteaCall): URL {
    const path = call.path.map((segment) => encodeURIComponent(segment)).join('/');
    const url = new URL(`${this.options.baseUrl}/api/v1/${path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    return url;
  }

  private interpret(call: GiteaCall, response: Response, text: string): GiteaAnswer {
    const { status, headers } = response;
    if (status >= 200 && status < 300) {
      const body = text === '' ? null : parseJson(text);
      if (body === undefined) {
        throw new GiteaAnswerError(
          `Gitea's answer to ${nameOf(call)} is no JSON. Is GITEA_URL the address it is served at?`,
        );
      }
      const total = Number.parseInt(headers.get('x-total-count') ?? '', 10);
      const sentAt = Date.parse(headers.get('date') ?? '');
      return { body, total: numberOrNull(total), sentAt: numberOrNull(sentAt) };
    }
    const said = readMessage(parseJson(text));
    const message = `Gitea answered ${status} to ${nameOf(call)}${said && `: ${said}`}`;
    if (status === 401 || status === 403) throw new GiteaAuthError(status, message);
    const retryAfterMs = readRetryAfter(headers.get('retry-after'), this.options.clock.now());
    throw new GiteaRequestError(status, message, retryAfterMs);
  }
}

/** The call for a message. Paths hold no secret; queries are left out. */
function nameOf(call: GiteaCall): string {
  return `${call.method} /${call.path.join('/')}`;
}

/** Fetch says "fetch failed" and keeps the reason in its cause. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
