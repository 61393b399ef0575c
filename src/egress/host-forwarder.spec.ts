import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { ask, begin, Gates, raw, tunnel } from '../../test/support/gates.js';

jest.setTimeout(60_000);

const gates = new Gates();

afterEach(() => gates.close());

describe('A tunnel', () => {
  it('carries bytes both ways, and each end on its own', async () => {
    const port = await gates.serveTcp((socket) => {
      let heard = '';
      socket.on('data', (chunk) => (heard += String(chunk)));
      socket.on('end', () => socket.end(`heard ${heard.length}`));
    });
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`] });

    const { status, socket, body } = await tunnel(gate, `127.0.0.1:${port}`);
    socket.write('x'.repeat(1_000_000));
    socket.end('y');

    expect(status).toBe(200);
    expect(await body).toBe('heard 1000001');
    expect(gate.refusals).toEqual([]);
  });

  it('carries what came along with the request, and lets the host end first', async () => {
    const told: string[] = [];
    let isOver = (): void => undefined;
    const over = new Promise<void>((resolve) => (isOver = resolve));
    const port = await gates.serveTcp((socket) => {
      socket.end('bye');
      socket.on('data', (chunk) => told.push(String(chunk))).on('end', isOver);
    });
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`] });

    const socket = connect({ path: gate.socket, allowHalfOpen: true });
    socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: x\r\n\r\nearly `);
    await once(socket.resume(), 'end');
    socket.end('late');
    await over;

    expect(told.join('')).toBe('early late');
  });

  it('goes to the address that was checked, though the name leads elsewhere by then', async () => {
    const port = await gates.serveTcp((socket) => socket.end('right'));
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const gate = await gates.open(null, {
      privateHosts: [`rebound.test:${port}`],
      resolveHost: async () => answers.shift() ?? [],
    });

    const first = await tunnel(gate, `rebound.test:${port}`);
    const second = await tunnel(gate, `rebound.test:${port}`);

    expect([first.status, await first.body]).toEqual([200, 'right']);
    expect([second.status, await second.body]).toEqual([
      403,
      'rebound.test leads to no public address, and private ones are refused\n',
    ]);
    expect(answers).toEqual([]);
  });

  it('tries the next address of a host where one does not answer', async () => {
    const port = await gates.serveTcp((socket) => socket.end('here'));
    const gate = await gates.open(null, {
      privateHosts: [`two.test:${port}`],
      resolveHost: async () => ['127.255.0.99', '::1', '127.0.0.1'],
    });

    const { status, body } = await tunnel(gate, `two.test:${port}`);

    expect([status, await body]).toEqual([200, 'here']);
  });

  it.each([
    ['example.org:443', 'example.org:443 may not be reached'],
    ['allowed.test:22', 'allowed.test:22 may not be reached'],
    ['allowed.test.evil.org:443', 'may not be reached'],
    ['169.254.169.254:80', '169.254.169.254:80 may not be reached'],
    ['[::1]:443', '::1:443 may not be reached'],
    ['[::ffff:127.0.0.1]:443', '::ffff:7f00:1:443 may not be reached'],
    ['0x7f000001:443', '127.0.0.1:443 may not be reached'],
    ['allowed.test', 'no host and port'],
    ['allowed.test:443/x', 'no host and port'],
    ['user@allowed.test:443', 'no host and port'],
    ['allowed%2etest:443', 'no host and port'],
    ['private.test:443', 'leads to no public address'],
  ])('to %s is refused, in a sentence', async (target, sentence) => {
    const gate = await gates.open(null, {
      allowedHosts: ['allowed.test', 'private.test'],
      resolveHost: async () => ['10.0.0.1', '127.0.0.1', '::1', '64:ff9b::a00:1'],
    });

    const answer = await raw(gate, `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\nconnection: close\r\n/);
    expect(answer).toContain(sentence);
    expect(gate.refusals).toEqual([expect.stringMatching(/^CONNECT /)]);
  });

  it('says so where the host is unknown, refuses connections or does not answer in time', async () => {
    const clock = new FakeClock();
    const gate = await gates.open(null, {
      privateHosts: ['*.test', '127.0.0.1:1'],
      connectMs: 5_000,
      clock,
      resolveHost: (host) =>
        host === 'gone.test' ? Promise.reject(new Error('ENOTFOUND')) : new Promise(() => undefined),
    });

    const gone = await tunnel(gate, 'gone.test:443');
    const closed = await tunnel(gate, '127.0.0.1:1');
    const slow = tunnel(gate, 'slow.test:443');
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5_000);

    expect([gone.status, await gone.body]).toEqual([502, 'No address was found for gone.test\n']);
    expect([closed.status, await closed.body]).toEqual([502, '127.0.0.1 does not take connections\n']);
    expect([(await slow).status, await (await slow).body]).toEqual([504, 'slow.test did not answer in time\n']);
    // Nothing that was not allowed was asked for.
    expect(gate.refusals).toEqual([]);
  });

  it('is closed where nothing goes through it', async () => {
    const port = await gates.serveTcp(() => undefined);
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`], idleMs: 20 });

    const { body } = await tunnel(gate, `127.0.0.1:${port}`);

    expect(await body).toBe('');
  });

  it('is not made where the agent went away meanwhile', async () => {
    let find = (_addresses: readonly string[]): void => undefined;
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const reached: Socket[] = [];
    const port = await gates.serveTcp((socket) => reached.push(socket));
    const gate = await gates.open(null, {
      privateHosts: [`slow.test:${port}`],
      resolveHost: () =>
        new Promise((resolve) => {
          find = resolve;
          isAsked();
        }),
    });

    const socket = connect(gate.socket).on('error', () => undefined);
    socket.write(`CONNECT slow.test:${port} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await asked;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    await gate.close();
    find(['127.0.0.1']);
    const probe = connect(port, '127.0.0.1');
    await once(probe, 'connect');
    while (reached.length === 0) await new Promise((resolve) => setImmediate(resolve));
    probe.destroy();

    expect(reached).toHaveLength(1);
  });
});

describe('Plain HTTP', () => {
  it('goes to a listed port, with what is between client and proxy left out', async () => {
    const seen: unknown[] = [];
    const url = await gates.serve(({ method, url: path, headers }, response) => {
      seen.push([method, path, headers]);
      response.writeHead(200, { 'x-own': '1', connection: 'x-hop, close', 'x-hop': '1', 'proxy-authenticate': 'x' });
      response.end('tarball');
    });
    const { host } = new URL(url);
    const gate = await gates.open(null, { privateHosts: [host] });

    const answer = await ask(gate, {
      method: 'GET',
      path: `${url}/left-pad?x=1`,
      headers: {
        authorization: 'Bearer own',
        'proxy-authorization': 'Basic x',
        'proxy-connection': 'keep-alive',
        connection: 'keep-alive, x-hop',
        'x-hop': '1',
        host: 'evil.test',
      },
    });

    expect(answer).toMatchObject({ status: 200, body: 'tarball', headers: { 'x-own': '1' } });
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['x-hop']));
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['proxy-authenticate']));
    expect(seen).toEqual([['GET', '/left-pad?x=1', { authorization: 'Bearer own', host, connection: 'close' }]]);
  });

  it.each([
    ['of a known length', { 'content-length': '5' }],
    ['of unknown length', { 'transfer-encoding': 'chunked' }],
  ])('takes a body %s along', async (_name, headers) => {
    const url = await gates.serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk))).on('end', () => response.end(`got ${body}`));
    });
    const gate = await gates.open(null, { privateHosts: [new URL(url).host] });

    const answer = await ask(gate, { path: `${url}?audit`, headers, body: 'audit' });

    expect(answer).toMatchObject({ status: 200, body: 'got audit' });
  });

  it.each([
    ['GET', 'http://example.org/', {}, 'Plain HTTP to example.org:80 may not be reached'],
    ['GET', 'http://allowed.test/', {}, 'Plain HTTP to allowed.test:80 may not be reached'],
    ['GET', 'http://169.254.169.254/latest/meta-data/', {}, 'Plain HTTP to 169.254.169.254:80 may not be reached'],
    ['GET', 'http://user:word@allowed.test:81/', {}, 'no host and port'],
    ['GET', 'https://allowed.test:81/', {}, 'Only http:// addresses and CONNECT are taken'],
    ['GET', 'ftp://allowed.test:81/', {}, 'Only http:// addresses and CONNECT are taken'],
    ['OPTIONS', '*', {}, 'Only http:// addresses and CONNECT are taken'],
    ['DELETE', 'http://allowed.test:81/', {}, 'Plain HTTP is for GET, HEAD and POST'],
    ['GET', 'http://allowed.test:81/', { 'content-length': '0' }, 'Plain HTTP is for GET, HEAD and POST'],
    ['GET', 'http://allowed.test:81/', { 'transfer-encoding': 'chunked' }, 'Plain HTTP is for GET, HEAD and POST'],
    ['GET', 'http://allowed.test:81/', { upgrade: 'websocket', connection: 'upgrade' }, 'Other protocols than HTTP'],
    [
      'POST',
      'http://allowed.test:81/',
      { 'transfer-encoding': 'gzip, chunked' },
      'The only transfer coding is chunked',
    ],
  ])('%s %s %j is refused, in a sentence', async (method, path, headers, sentence) => {
    const gate = await gates.open(null, {
      allowedHosts: ['allowed.test', 'allowed.test:81'],
      resolveHost: async () => ['127.0.0.1'],
    });

    const answer = await ask(gate, { method, path, headers });

    expect(answer).toMatchObject({ status: 403, body: expect.stringContaining(sentence) as unknown });
    expect(gate.refusals).toEqual([expect.stringContaining(sentence)]);
  });

  it('refuses two lengths of one request', async () => {
    const gate = await gates.open(null, { allowedHosts: ['allowed.test:80'] });

    const answer = await raw(
      gate,
      'POST http://allowed.test/ HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('says so where the host does not answer, and is cut off where the host is', async () => {
    const port = await gates.serveTcp((socket) => socket.end());
    const cut = await gates.serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`, new URL(cut).host] });

    const dead = await ask(gate, { method: 'GET', path: `http://127.0.0.1:${port}/` });

    expect(dead).toMatchObject({ status: 502, body: `127.0.0.1:${port} did not answer\n` });
    await expect(ask(gate, { method: 'GET', path: `${cut}/` })).rejects.toThrow('aborted');
  });

  it('gives up a host that is silent', async () => {
    const port = await gates.serveTcp((socket) => socket.resume());
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`], idleMs: 20 });

    const answer = await ask(gate, { method: 'GET', path: `http://127.0.0.1:${port}/` });

    expect(answer.status).toBe(502);
  });

  it('ends the request to the host where the agent goes away', async () => {
    let isEnded = (): void => undefined;
    const ended = new Promise<void>((resolve) => (isEnded = resolve));
    const url = await gates.serve((request, response) => {
      request.once('close', isEnded);
      response.writeHead(200).write('first');
    });
    const gate = await gates.open(null, { privateHosts: [new URL(url).host] });

    const answer = await begin(gate, { method: 'GET', path: `${url}/` });
    answer.destroy();
    await ended;

    expect(answer.destroyed).toBe(true);
  });

  it('does not send on what an agent began to send and left', async () => {
    let wasWhole = false;
    let isBegun = (): void => undefined;
    let isEnded = (): void => undefined;
    const begun = new Promise<void>((resolve) => (isBegun = resolve));
    const ended = new Promise<void>((resolve) => (isEnded = resolve));
    const url = await gates.serve((request) => {
      request.on('data', isBegun).on('end', () => (wasWhole = true));
      request.on('error', () => undefined).once('close', isEnded);
    });
    const gate = await gates.open(null, { privateHosts: [new URL(url).host] });

    const socket = connect(gate.socket).on('error', () => undefined);
    socket.write(`POST ${url}/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`);
    await begun;
    socket.destroy();
    await ended;

    expect(wasWhole).toBe(false);
  });
});
