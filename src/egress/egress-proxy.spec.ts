import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock, ScriptedModelServer, failWith, say, type ModelReply } from '../testing/index.js';
import { ask, begin, Gates, raw, tunnel, type Asked } from '../../test/support/gates.js';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { resolveEgressOptions, type EgressModuleOptions } from './egress.options.js';
import { EgressProxy } from './egress-proxy.js';
import type { ModelRoute } from './egress.types.js';

jest.setTimeout(60_000);

const KEY = 'sk-real-key-0123456789';
const BODY = { model: 'm-1', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] };

const gates = new Gates();
const servers: ScriptedModelServer[] = [];

afterEach(async () => {
  await gates.close();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function route(baseUrl: string, given: Partial<ModelRoute> = {}): ModelRoute {
  return { protocol: 'anthropic', baseUrl, apiKey: KEY, model: 'm-1', ...given };
}

/** A gate to a scripted model that takes the real key only. */
async function openToModel(
  reply: ModelReply | (() => Promise<ModelReply>) = say('Hello.'),
  options: EgressModuleOptions = {},
) {
  const model = new ScriptedModelServer({ apiKey: KEY, rules: [{ when: () => true, reply }] });
  servers.push(model);
  const gate = await gates.open(route(await model.start()), options);
  return { model, gate };
}

function call(token: string, given: Asked = {}, body: object = BODY): Asked {
  return {
    headers: { 'x-api-key': token, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...given,
  };
}

describe('EgressProxy', () => {
  it('makes a socket in a folder that is its alone, and removes both', async () => {
    const folder = makeTemporaryFolder();
    const proxy = new EgressProxy(resolveEgressOptions({ directory: join(folder.path, 'deep') }));

    const one = await proxy.open({ model: null });
    const two = await proxy.open({ model: null });
    const [own, shared] = [statSync(dirname(one.socket)).mode & 0o777, statSync(one.socket).mode & 0o666];
    await Promise.all([one.close(), one.close()]);
    const left = readdirSync(dirname(two.socket));
    await proxy.close();

    expect([own, shared]).toEqual([0o700, 0o666]);
    expect(one.token).not.toBe(two.token);
    expect(left).toEqual(['2.sock']);
    expect(existsSync(dirname(two.socket))).toBe(false);
    const again = await proxy.open({ model: null });
    expect(existsSync(again.socket)).toBe(true);
    await proxy.close();
    folder.remove();
  });

  it('removes what a coordinator left that was killed, and nothing that is in use', async () => {
    const temporary = makeTemporaryFolder();
    const directory = temporary.path;
    const options = resolveEgressOptions({ directory });
    const [dead, used, other, empty] = ['dead', 'used', 'other', 'empty'].map((name) =>
      join(directory, `mosaic-egress-${name}`),
    );
    for (const folder of [dead, used, other, empty]) mkdirSync(String(folder));
    // A process that is killed leaves its socket behind.
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen('${dead}/1.sock', () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    const living = createServer().listen(`${used}/1.sock`);
    await once(living, 'listening');
    writeFileSync(join(String(other), 'a file'), '');
    symlinkSync(String(other), join(directory, 'mosaic-egress-link'));
    expect(readdirSync(String(dead))).toEqual(['1.sock']);

    const proxy = new EgressProxy(options);
    const gate = await proxy.open({ model: null });
    await new Promise((resolve) => living.close(resolve));

    const [own, ...left] = readdirSync(directory).sort((one) =>
      join(directory, one) === dirname(gate.socket) ? -1 : 1,
    );
    expect(own).toMatch(/^mosaic-egress-/);
    expect(left.sort()).toEqual([
      'mosaic-egress-empty',
      'mosaic-egress-link',
      'mosaic-egress-other',
      'mosaic-egress-used',
    ]);
    await proxy.close();
    temporary.remove();
  });

  it('makes its folder anew where somebody has tidied it away', async () => {
    const folder = makeTemporaryFolder();
    const proxy = new EgressProxy(resolveEgressOptions({ directory: folder.path }));
    const first = await proxy.open({ model: null });
    rmSync(dirname(first.socket), { recursive: true });

    const [second, third] = await Promise.all([proxy.open({ model: null }), proxy.open({ model: null })]);

    expect([existsSync(second.socket), existsSync(third.socket)]).toEqual([true, true]);
    expect(dirname(second.socket)).toBe(dirname(third.socket));
    await proxy.close();
    expect(readdirSync(folder.path)).toEqual([]);
    folder.remove();
  });

  it('says so where the socket cannot be made, and closes all the same', async () => {
    const folder = makeTemporaryFolder();
    const long = new EgressProxy(resolveEgressOptions({ directory: join(folder.path, 'x'.repeat(100)) }));
    const missing = new EgressProxy(resolveEgressOptions({ directory: '/dev/null/x' }));

    await expect(long.open({ model: null })).rejects.toMatchObject({
      code: 'EGRESS_SOCKET_FAILED',
      message: expect.stringContaining('longer than the') as unknown,
    });
    await expect(missing.open({ model: null })).rejects.toMatchObject({
      code: 'EGRESS_SOCKET_FAILED',
      message: expect.stringMatching(/ENOTDIR.*Use a short directory that can be written/) as unknown,
    });
    await Promise.all([long.close(), missing.close()]);
    expect(readdirSync(join(folder.path, 'x'.repeat(100)))).toEqual([]);
    folder.remove();
  });

  it.each([
    [{ baseUrl: 'api.anthropic.com' }, 'the address of the model'],
    [{ baseUrl: 'ftp://model' }, 'the address of the model'],
    [{ baseUrl: 'https://user:secret@model' }, 'the address of the model'],
    [{ baseUrl: 'https://model/?x=1' }, 'the address of the model'],
    [{ apiKey: 'sk\r\nx: y' }, 'The key of the model'],
    [{ apiKey: '' }, 'The key of the model'],
    [{ model: '' }, 'the name of the model'],
  ])('does not open a gate to %j', async (given, what) => {
    const opening = gates.open(route('https://model.test', given));

    await expect(opening).rejects.toMatchObject({
      code: 'EGRESS_ROUTE_INVALID',
      message: expect.stringContaining(what) as unknown,
    });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as unknown });
  });

  it("leads an agent to the model, with the key instead of the gate's token", async () => {
    const { model, gate } = await openToModel(
      say('Hello.', { usage: { inputTokens: 11, outputTokens: 7, cacheReadTokens: 5 } }),
    );
    const plain = await ask(gate, call(gate.token));
    const streamed = await ask(gate, call(gate.token, { path: '/v1/messages?beta=true' }, { ...BODY, stream: true }));
    const counted = await ask(gate, call(gate.token, { path: '/v1/messages/count_tokens' }));

    expect(JSON.parse(plain.body)).toMatchObject({ content: [{ text: 'Hello.' }] });
    expect(streamed.headers['content-type']).toBe('text/event-stream');
    expect(streamed.body).toContain('message_stop');
    expect(JSON.parse(counted.body)).toEqual({ input_tokens: expect.any(Number) as unknown });
    const use = { inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 0 };
    expect(gate.uses).toEqual([use, use]);
    expect(model.requests).toHaveLength(2);
    expect(model.requests[0]?.headers['x-api-key']).toBe(KEY);
    expect(JSON.stringify(model.requests)).not.toContain(gate.token);
    expect(JSON.stringify([plain, streamed, counted])).not.toContain(KEY);
    expect([gate.failures, gate.refusals]).toEqual([[], []]);
  });

  it('answers a question whether somebody listens by itself', async () => {
    const { model, gate } = await openToModel();

    const answers = await Promise.all(['GET', 'HEAD'].map((method) => ask(gate, { method, path: '/' })));

    expect(answers).toMatchObject([{ status: 200, body: '' }, { status: 200 }]);
    expect(model.requests).toEqual([]);
  });

  it.each<[string, (token: string) => Asked, number, string]>([
    ['another path', (token) => call(token, { path: '/v1/files' }), 403, 'POST /v1/files: This sandbox may only POST'],
    ['no token', () => call('x', { headers: {} }), 401, 'POST /v1/messages: The key of this request is not'],
    ['another token', () => call('gate-other'), 401, 'POST /v1/messages: The key of this request is not'],
    ['the real key', () => call(KEY), 401, 'POST /v1/messages: The key of this request is not'],
    ['another model', (token) => call(token, {}, { ...BODY, model: 'm-2' }), 403, 'may only use the model m-1'],
    ['no JSON', (token) => call(token, { body: 'model=m-1' }), 400, 'must be a JSON object'],
    [
      'an encoded body',
      (token) => call(token, { headers: { 'x-api-key': token, 'content-encoding': 'gzip' } }),
      400,
      'must be plain, and is in gzip',
    ],
    ['a body too large', (token) => call(token, { body: Buffer.alloc(5_000, ' ') }), 413, 'may hold 4000 bytes'],
    [
      'a body too large of unknown length',
      (token) => ({
        ...call(token, { body: Buffer.alloc(5_000, ' ') }),
        headers: { 'x-api-key': token, 'transfer-encoding': 'chunked' },
      }),
      413,
      'may hold 4000 bytes',
    ],
    [
      "the provider's tools",
      (token) => call(token, {}, { ...BODY, tools: [{ type: 'web_fetch_1' }] }),
      403,
      'web_fetch',
    ],
  ])('refuses %s in the form of the protocol', async (_name, make, status, sentence) => {
    const { model, gate } = await openToModel(say('x'), { maxBodyBytes: 4_000 });

    const answer = await ask(gate, make(gate.token));

    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ type: 'error', error: { type: expect.any(String) as unknown } });
    expect(answer.headers.connection).toBe('close');
    expect(gate.refusals).toEqual([expect.stringContaining(sentence)]);
    expect([model.requests, gate.uses, gate.failures]).toEqual([[], [], []]);
    // What was refused is not held any more.
    expect(await ask(gate, call(gate.token))).toMatchObject({ status: 200 });
  });

  it('does not parse what would take long, and is no request to a model', async () => {
    const { model, gate } = await openToModel();

    const answer = await ask(gate, call(gate.token, { body: Buffer.alloc(8 * 1024 * 1024, '[') }));

    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('no request that a model') as unknown });
    expect(model.requests).toEqual([]);
  });

  it('lets the provider reach further where it is told to', async () => {
    const { model, gate } = await openToModel(say('x'), { allowProviderTools: true });

    await ask(gate, call(gate.token, {}, { ...BODY, tools: [{ type: 'web_search_1', name: 'web_search' }] }));

    expect(model.requests).toHaveLength(1);
  });

  it('passes on a failure with its wait, and without the key that it quotes', async () => {
    const { gate } = await openToModel(failWith(429, { message: `Too fast, ${KEY}`, retryAfterSeconds: 7 }));

    const answer = await ask(gate, call(gate.token));

    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { message: 'Too fast, [key]' } });
    expect(gate.failures).toEqual([{ status: 429, detail: 'Too fast, [key]', retryAfterMs: 7_000 }]);
  });

  it('tells a failure inside a stream, and says nothing of a model that cannot count', async () => {
    const { gate } = await openToModel(failWith(529, { isInsideStream: true }));
    const uncounted = new ScriptedModelServer({ rules: [], countTokens: null });
    servers.push(uncounted);
    const other = await gates.open(route(await uncounted.start()));

    const streamed = await ask(gate, call(gate.token, {}, { ...BODY, stream: true }));
    const counted = await ask(other, call(other.token, { path: '/v1/messages/count_tokens' }));

    expect([streamed.status, counted.status]).toEqual([200, 404]);
    expect(gate.failures).toEqual([{ status: 529, detail: expect.any(String) as unknown, retryAfterMs: null }]);
    expect(other.failures).toEqual([]);
  });

  it.each([
    ['a redirect', 307, { location: 'http://127.0.0.1:1/' }, 'answered with a redirect (307)'],
    ['an encoding nobody asked for', 200, { 'content-encoding': 'gzip' }, 'answered in gzip'],
  ])('does not pass on %s', async (_name, status, headers, sentence) => {
    const url = await gates.serve((_request, response) => response.writeHead(status, headers).end('secret'));
    const gate = await gates.open(route(url));

    const answer = await ask(gate, call(gate.token));

    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining(sentence) as unknown });
    expect(answer.headers).not.toHaveProperty('location');
    expect(gate.failures).toEqual([
      { status: 502, detail: expect.stringContaining(sentence) as unknown, retryAfterMs: null },
    ]);
  });

  it('says so where the model is away, in the form of each protocol', async () => {
    const away = await gates.open(route('http://127.0.0.1:1'));
    const port = await gates.serveTcp((socket) => socket.end('no TLS'));
    const insecure = await gates.open(route(`https://127.0.0.1:${port}/v1`, { protocol: 'openai' }));
    const silent = await gates.serve(() => undefined);
    const late = await gates.open(route(silent, { protocol: 'google' }), { modelIdleMs: 20 });

    const answers = [
      await ask(away, call(away.token)),
      await ask(insecure, call(insecure.token, { path: '/v1/responses' })),
      await ask(late, call(late.token, { path: '/v1beta/models/m-1:generateContent' })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([502, 502, 504]);
    expect(answers.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { error: { type: 'api_error', message: "The model's address did not answer (ECONNREFUSED)" } },
      { error: { type: 'server_error' } },
      { error: { status: 'DEADLINE_EXCEEDED' } },
    ]);
    expect([away.failures, insecure.failures, late.failures].map(([failure]) => failure?.status)).toEqual([
      502, 502, 504,
    ]);
  });

  it('gives up an answer in which nothing comes any more', async () => {
    const url = await gates.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"usage":{"input_tokens":3,"output_tokens":1}}\n\n');
    });
    const gate = await gates.open(route(url), { modelIdleMs: 20 });

    await expect(ask(gate, call(gate.token))).rejects.toThrow('aborted');
    expect(await gate.told(gate.uses, 1)).toMatchObject([{ inputTokens: 3, outputTokens: 1 }]);
  });

  it('shows the start of a failure that is long or cut off', async () => {
    let isCut = false;
    const url = await gates.serve((_request, response) => {
      response.writeHead(500);
      if (!isCut) return void response.end('x'.repeat(200_000));
      response.write('half', () => response.destroy());
    });
    const gate = await gates.open(route(url));

    const long = await ask(gate, call(gate.token));
    isCut = true;
    const cut = await ask(gate, call(gate.token));

    expect(long.body).toBe('x'.repeat(64 * 1024));
    expect(cut).toMatchObject({ status: 500, body: 'half' });
    expect(gate.failures.map(({ detail }) => detail.length)).toEqual([301, 4]);
  });

  it('sends a call again on a fresh connection where the kept one was closed under it', async () => {
    const seen: string[] = [];
    const connections = new Set<unknown>();
    const url = await gates.serve((incoming, response) => {
      const isKept = connections.has(incoming.socket);
      connections.add(incoming.socket);
      seen.push(isKept ? 'kept' : 'fresh');
      if (isKept) return void incoming.socket.resetAndDestroy();
      incoming.resume().on('end', () => response.end('{}'));
    });
    const gate = await gates.open(route(url));

    const answers = [await ask(gate, call(gate.token)), await ask(gate, call(gate.token))];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(seen).toEqual(['fresh', 'kept', 'fresh']);
    expect(gate.failures).toEqual([]);
  });

  it('shows each piece of an answer as soon as it comes', async () => {
    let goOn = (): void => undefined;
    const url = await gates.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      goOn = () => response.end('data: two\n\n');
    });
    const gate = await gates.open(route(url));

    const answer = await begin(gate, call(gate.token));
    const [first] = (await once(answer, 'data')) as [Buffer];
    goOn();
    const [second] = (await once(answer, 'data')) as [Buffer];

    expect([String(first), String(second)]).toEqual(['data: one\n\n', 'data: two\n\n']);
  });

  it('ends the call where the agent goes away, and counts what was told', async () => {
    let isEnded = (): void => undefined;
    const ended = new Promise<void>((resolve) => (isEnded = resolve));
    const url = await gates.serve((_request, response) => {
      response.once('close', isEnded).writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"message":{"usage":{"input_tokens":30,"output_tokens":1}}}\n\n');
    });
    const gate = await gates.open(route(url));

    const answer = await begin(gate, call(gate.token));
    await once(answer, 'data');
    answer.destroy();
    await ended;

    expect(await gate.told(gate.uses, 1)).toEqual([
      { inputTokens: 30, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
    ]);
    expect(gate.failures).toEqual([]);
  });

  it('ends the call where the agent goes away before there is an answer, and blames nobody', async () => {
    let isEnded = (): void => undefined;
    const ended = new Promise<void>((resolve) => (isEnded = resolve));
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const url = await gates.serve((_request, response) => {
      response.once('close', isEnded);
      isAsked();
    });
    const gate = await gates.open(route(url));

    const outgoing = request({
      socketPath: gate.socket,
      method: 'POST',
      path: '/v1/messages',
      headers: call(gate.token).headers,
    });
    outgoing.on('error', () => undefined).end(JSON.stringify(BODY));
    await asked;
    outgoing.destroy();
    await ended;
    await gate.close();

    expect([gate.failures, gate.uses]).toEqual([[], []]);
  });

  it('is at peace with an agent that goes away in the middle of its request', async () => {
    const { model, gate } = await openToModel(say('x'), { maxBodyBytes: 1_000 });

    const half = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${gate.token}\r\ncontent-length: 600\r\n\r\n{"model"`;
    await raw(gate, half);
    await raw(gate, half);

    expect(await ask(gate, call(gate.token))).toMatchObject({ status: 200 });
    expect(model.requests).toHaveLength(1);
  });

  it('does not read faster from the model than the agent does', async () => {
    const total = 64 * 1024 * 1024;
    let sent = 0;
    let isHeld = (): void => undefined;
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    const piece = Buffer.alloc(64 * 1024, 'x');
    const url = await gates.serve((_request, response) => {
      const send = (): void => {
        while (sent < total) {
          sent += piece.length;
          if (response.write(piece)) continue;
          // Once nothing more is taken for a while, the agent's slowness has reached the model.
          if (sent > 8 * 1024 * 1024) isHeld();
          return void response.once('drain', send);
        }
        response.end();
      };
      send();
    });
    const gate = await gates.open(route(url));

    const answer = await begin(gate, call(gate.token));
    answer.pause();
    const early = await Promise.race([
      held.then(() => 'all was read'),
      new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('held')))),
    ]);
    let received = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) received += chunk.length;

    expect(early).toBe('held');
    expect(received).toBe(total);
  });

  it('has no model behind a gate without one', async () => {
    const gate = await gates.open(null);

    expect(await ask(gate, call(gate.token))).toMatchObject({
      status: 403,
      body: 'There is no model behind this gate\n',
    });
    expect(gate.refusals).toEqual(['POST /v1/messages: There is no model behind this gate']);
  });

  it('ends every connection at once when it is closed', async () => {
    const url = await gates.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: x\n\n');
    });
    const port = await gates.serveTcp((socket) => socket.write('hello'));
    const gate = await gates.open(route(url), { privateHosts: [`127.0.0.1:${port}`] });
    const answer = await begin(gate, call(gate.token));
    await once(answer, 'data');
    const { body } = await tunnel(gate, `127.0.0.1:${port}`);
    const idle = raw(gate, 'POST /v1/messages HTTP/1.1\r\n');

    const ended = once(answer, 'error');
    await gate.close();

    expect(String(await ended)).toContain('aborted');
    expect(await body).toMatch(/^(?:hello)?$/);
    expect(await idle).toMatch(/^(?:HTTP\/1.1 400.*)?/s);
    expect(existsSync(gate.socket)).toBe(false);
  });

  it('has told what was used up to then when it is closed', async () => {
    const url = await gates.serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"message":{"usage":{"input_tokens":30,"output_tokens":1}}}\n\n');
    });
    const gate = await gates.open(route(url));
    const answers = await Promise.all(Array.from({ length: 5 }, () => begin(gate, call(gate.token))));
    await Promise.all(
      answers.map((answer) =>
        once(
          answer.on('error', () => undefined),
          'data',
        ),
      ),
    );

    await gate.close();

    expect(gate.uses).toHaveLength(5);
  });

  it('does not wait for a host that nobody finds when it is closed', async () => {
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const gate = await gates.open(null, {
      allowedHosts: ['slow.test:80'],
      clock: new FakeClock(),
      resolveHost: () => {
        isAsked();
        return new Promise(() => undefined);
      },
    });
    const answer = raw(gate, 'GET http://slow.test/ HTTP/1.1\r\nhost: slow.test\r\n\r\n');
    await asked;

    await gate.close();

    expect(await answer).toBe('');
  });

  it('lets no more in at once than it may', async () => {
    const { gate } = await openToModel(say('x'), { maxConnections: 2 });
    const holding = [1, 2].map(() => raw(gate, 'POST /v1/messages HTTP/1.1\r\n'));
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => ask(gate, { method: 'GET', path: '/' })));
    await Promise.all(holding);

    expect(answers.some(({ status }) => status === 'rejected')).toBe(true);
    expect(await ask(gate, { method: 'GET', path: '/' })).toMatchObject({ status: 200 });
  });

  it('lets nothing through to the model but what is allowed, whatever comes', async () => {
    const { model, gate } = await openToModel();
    const headerName = fc.constantFrom(
      'x-api-key',
      'authorization',
      'host',
      'transfer-encoding',
      'upgrade',
      'expect',
      'connection',
      'x',
    );
    const line = fc.stringMatching(/^[ -~]{0,30}$/);
    const hostile = fc
      .record({
        method: fc.constantFrom(
          'GET',
          'POST',
          'PUT',
          'DELETE',
          'OPTIONS',
          'TRACE',
          'PATCH',
          'CONNECT',
          'PRI',
          'M-SEARCH',
        ),
        target: fc.oneof(
          line,
          fc.constantFrom('/v1/messages', '*', 'http://127.0.0.1/', 'https://x/', 'x:443', '/v1/files'),
          fc.webUrl(),
        ),
        headers: fc.array(fc.tuple(headerName, line)),
        length: fc.option(fc.nat(50)),
        body: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
      })
      .map(({ method, target, headers, length, body }) => {
        const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
        const size = length === null ? '' : `content-length: ${length}\r\n`;
        return `${method} ${target} HTTP/1.1\r\nhost: x\r\n${lines}${size}\r\n${body}`;
      });

    await fc.assert(
      fc.asyncProperty(fc.oneof(hostile, fc.string({ unit: 'binary' })), async (bytes) => {
        const answer = await raw(gate, bytes);

        // A request to `/` in a form that is allowed is the only one that is answered with success.
        expect(answer).toMatch(/^(?:$|HTTP\/1\.1 (?:4\d\d|5\d\d|100 |200 OK\r\ncontent-length: 0\r\n))/);
      }),
      { numRuns: 300 },
    );
    expect(model.requests).toEqual([]);
    expect(await ask(gate, call(gate.token))).toMatchObject({ status: 200 });
  });
});
