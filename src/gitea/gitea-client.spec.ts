import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { FakeGitea, SeededRandomness, type FakeGiteaOptions, type FaultKind } from '../testing/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaHttp } from './gitea-http.js';
import { resolveGiteaOptions, type GiteaModuleOptions } from './gitea.options.js';

describe('GiteaClient', () => {
  const endings: (() => unknown)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  function makeClient(baseUrl: string, options: Partial<GiteaModuleOptions> = {}) {
    const clock = new HastyClock(15_000);
    const randomness = new SeededRandomness();
    const resolved = resolveGiteaOptions({ baseUrl, clock, randomness, token: 'secret', ...options });
    const http = new GiteaHttp(resolved);
    endings.push(() => http.onApplicationShutdown());
    return { client: new GiteaClient(resolved, http), http, clock };
  }

  async function start(server: FakeGiteaOptions = {}, options: Partial<GiteaModuleOptions> = {}) {
    const gitea = await FakeGitea.start({ users: ['ann', 'bot'], ...server });
    endings.push(() => gitea.close());
    const repository = await gitea.createRepository({ owner: 'ann', name: 'shop', collaborators: { bot: 'write' } });
    const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
    return { gitea, repository, ref, ...makeClient(gitea.url, { token: gitea.createToken('bot'), ...options }) };
  }

  /** A server that answers what Gitea never would. */
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endings.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('knows the version without a token', async () => {
    const { client } = await start({ version: '11.0.1+gitea-1.22.0' }, { token: null });

    expect(client.hasToken).toBe(false);
    expect(await client.version()).toBe('11.0.1+gitea-1.22.0');
  });

  it('knows whose token it has', async () => {
    const { client } = await start();

    expect(await client.whoAmI()).toMatchObject({ login: 'bot' });
  });

  it('sends the token in a header and nowhere else', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ headers, url: target }, response) => {
      seen.push([headers.authorization, target]);
      response.end('{"version":"1"}');
    });

    await makeClient(`${url}/git`).client.version();

    expect(seen).toEqual([['token secret', '/git/api/v1/version']]);
  });

  it.each([
    [{ owner: '..', repo: 'shop', number: 1 }],
    [{ owner: 'ann', repo: 'shop/../../admin', number: 1 }],
    [{ owner: 'ann', repo: 'shop', number: 0 }],
    [{ owner: 'ann', repo: 'shop', number: 1.5 }],
  ])('sends nothing for %j', async (ref) => {
    const { client, gitea } = await start();

    await expect(client.issue(ref)).rejects.toMatchObject({ code: 'GITEA_NAME_INVALID' });
    expect(gitea.requests).toEqual([]);
  });

  it('sends nothing for a commit that is a branch', async () => {
    const { client, ref, gitea } = await start();

    await expect(client.commitStatuses(ref, 'main')).rejects.toMatchObject({ code: 'GITEA_NAME_INVALID' });
    expect(gitea.requests).toEqual([]);
  });

  const PASSING: readonly FaultKind[] = [
    { kind: 'status', status: 500 },
    { kind: 'html' },
    { kind: 'html', status: 200 },
    { kind: 'truncated' },
    { kind: 'reset' },
    { kind: 'retry-after', seconds: 1 },
    { kind: 'retry-after', seconds: 1, status: 503 },
  ];

  it.each(PASSING)('repeats a read after %j, three times', async (fault) => {
    const { client, ref, gitea, clock } = await start();
    gitea.faults.add({ path: /issues/, times: 3, ...fault });

    expect(await client.issue(ref)).toMatchObject({ number: 1 });
    expect(clock.waits).toHaveLength(3);
  });

  it.each(PASSING)('sends a write once, whatever happens: %j', async (fault) => {
    const { client, ref, gitea } = await start();
    gitea.faults.add({ path: /comments/, times: 9, ...fault });

    // What is created is not read back, so that half an answer to it is an error only for being no JSON.
    await expect(client.createComment(ref, 'Hello')).rejects.toMatchObject({ code: expect.stringMatching(/^GITEA_/) });
    expect(gitea.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('gives a read up after the last attempt, and says what it was', async () => {
    const { client, ref, gitea } = await start({}, { attempts: 2 });
    gitea.faults.add({ path: /issues/, times: 9, kind: 'status', status: 502 });

    await expect(client.issue(ref)).rejects.toMatchObject({
      code: 'GITEA_REQUEST_FAILED',
      status: 502,
      message: 'Gitea answered 502 to GET /repos/ann/shop/issues/1',
    });
    expect(gitea.requests).toHaveLength(2);
  });

  it('waits as long as Gitea asks for', async () => {
    const { client, ref, gitea, clock } = await start();
    gitea.faults.add({ path: /issues/, kind: 'retry-after', seconds: 7 });

    await client.issue(ref);

    expect(clock.waits).toEqual([expect.any(Number)]);
    expect(clock.waits[0]).toBeGreaterThanOrEqual(7_000);
    expect(clock.waits[0]).toBeLessThanOrEqual(7_700);
  });

  it('does not wait when Gitea asks for too long, and leaves it alone for that time', async () => {
    const { client, ref, gitea, clock } = await start();
    gitea.faults.add({ path: /issues/, kind: 'retry-after', seconds: 120 });

    await expect(client.issue(ref)).rejects.toMatchObject({ status: 429, retryAfterMs: 120_000 });
    await expect(client.issue(ref)).rejects.toMatchObject({ code: 'GITEA_UNREACHABLE' });
    clock.advance(120_000);

    expect(await client.issue(ref)).toMatchObject({ number: 1 });
    expect(gitea.requests).toHaveLength(2);
    expect(clock.waits).toEqual([]);
  });

  it('gives a request up at the time limit', async () => {
    const { client, ref, gitea, clock } = await start({}, { attempts: 1 });
    const fault = gitea.faults.add({ path: /issues/, kind: 'stall' });

    const reading = client.issue(ref);
    await fault.happened;
    clock.advance(15_000);

    await expect(reading).rejects.toMatchObject({
      code: 'GITEA_UNREACHABLE',
      message: 'Gitea did not answer to GET /repos/ann/shop/issues/1: no answer within 15000 ms',
    });
    expect(clock.sleeping).toBe(0);
  });

  it('names the reason when nobody listens', async () => {
    const { client } = makeClient('http://127.0.0.1:1', { attempts: 1 });

    await expect(client.version()).rejects.toThrow(/^Gitea did not answer to GET \/version: .+/);
  });

  it('ends what is under way when the application shuts down', async () => {
    const { client, http, ref, gitea } = await start();
    const fault = gitea.faults.add({ path: /issues/, kind: 'stall' });

    const reading = client.issue(ref);
    await fault.happened;
    http.onApplicationShutdown();

    await expect(reading).rejects.toMatchObject({ code: 'GITEA_UNREACHABLE' });
  });

  it('does not read an answer that is too large', async () => {
    const { client, ref, gitea } = await start({}, { maxAnswerBytes: 1_000_000 });
    gitea.faults.add({ path: /issues/, kind: 'oversized', bytes: 10_000_000 });

    await expect(client.issue(ref)).rejects.toMatchObject({
      code: 'GITEA_ANSWER_TOO_LARGE',
      message: "Gitea's answer to GET /repos/ann/shop/issues/1 is larger than 1000000 bytes",
    });
  });

  it('reads what is too large once in ten minutes, and repeats nothing', async () => {
    const { client, ref, gitea, clock } = await start({}, { maxAnswerBytes: 1_000_000 });
    gitea.faults.add({ path: /issues/, kind: 'oversized', bytes: 10_000_000 });
    const refused = { code: 'GITEA_ANSWER_TOO_LARGE' };

    await expect(client.issue(ref)).rejects.toMatchObject(refused);
    await expect(client.issue(ref)).rejects.toMatchObject(refused);
    expect(gitea.requests).toHaveLength(1);
    clock.advance(600_000);

    expect(await client.issue(ref)).toMatchObject({ number: 1 });
  });

  it.each([401, 403])('tells a %i apart, and does not repeat it', async (status) => {
    const { client, ref, gitea } = await start();
    gitea.faults.add({ path: /issues/, kind: 'status', status });

    await expect(client.issue(ref)).rejects.toMatchObject({ code: 'GITEA_AUTH_REFUSED', status });
    expect(gitea.requests).toHaveLength(1);
  });

  it('passes on what Gitea says, such as the scope a token lacks', async () => {
    const { gitea, ref } = await start();
    const { client } = makeClient(gitea.url, { token: gitea.createToken('bot', { scopes: ['read:user'] }) });

    await expect(client.issue(ref)).rejects.toThrow(/required=\[read:issue\]/);
  });

  it('follows a redirect within the same address, as for a repository that was renamed', async () => {
    const { client, ref, gitea } = await start();
    gitea.faults.add({ path: /issues/, kind: 'redirect', location: '/api/v1/repos/ann/shop/issues/1' });

    expect(await client.issue(ref)).toMatchObject({ number: 1 });
  });

  it('never follows a redirect to another host, so that the token stays here', async () => {
    const seen: string[] = [];
    const elsewhere = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.end('{}');
    });
    const { client, ref, gitea } = await start();
    gitea.faults.add({ path: /issues/, kind: 'redirect', location: `${elsewhere}/api/v1/x?token=y` });

    await expect(client.issue(ref)).rejects.toMatchObject({ status: 307, message: expect.stringContaining(elsewhere) });
    expect(seen).toEqual([]);
  });

  it('gives up on redirects that go in circles, and on one without a place', async () => {
    const { client, ref, gitea } = await start();
    gitea.faults.add({ path: /issues/, times: 9, kind: 'redirect', location: '/api/v1/repos/ann/shop/issues/1' });

    await expect(client.issue(ref)).rejects.toMatchObject({ status: 307 });
    expect(gitea.requests).toHaveLength(4);
  });

  it('does not turn a write into a read because of a 302', async () => {
    const url = await serve((_, response) => {
      response.writeHead(302, { Location: '/elsewhere' });
      response.end();
    });

    const { client } = makeClient(url);

    await expect(client.createComment({ owner: 'a', repo: 'b', number: 1 }, 'x')).rejects.toMatchObject({
      status: 302,
    });
  });

  it('refuses an answer about another issue', async () => {
    const url = await serve((_, response) => response.end('{"id":1,"number":2,"state":"open"}'));
    const { client } = makeClient(url);

    await expect(client.issue({ owner: 'a', repo: 'b', number: 1 })).rejects.toMatchObject({
      code: 'GITEA_ANSWER_INVALID',
    });
  });
});
