import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ScriptedModelServer, say } from '../testing/index.js';
import { compileSource } from '../../test/support/compiled-source.js';
import { Gates } from '../../test/support/gates.js';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { parseBridgeArguments, runNetworkBridge, type BridgeHost } from './run-network-bridge.js';

jest.setTimeout(60_000);

/** A process that is asked to end, as the bridge sees its own. */
class FakeHost implements BridgeHost {
  readonly env = { PATH: process.env['PATH'], KEPT: 'kept', MODEL_URL: 'old' };
  private readonly listeners = new Map<NodeJS.Signals, () => void>();

  on(signal: NodeJS.Signals, listener: () => void): void {
    this.listeners.set(signal, listener);
  }

  off(signal: NodeJS.Signals): void {
    this.listeners.delete(signal);
  }

  get signals(): readonly string[] {
    return [...this.listeners.keys()];
  }

  send(signal: NodeJS.Signals): void {
    this.listeners.get(signal)?.();
  }
}

/** Asks the address of a variable and ends with the status that it answers, less 200. */
const ASK = `
  require('http').get(process.env.MODEL_URL + '/', { agent: false }, ({ statusCode }) => process.exit(statusCode - 200))
    .on('error', () => process.exit(9));`;
const run = (script: string, host = new FakeHost(), ...options: readonly string[]) =>
  runNetworkBridge(['--socket', '/nowhere', ...options, '--', process.execPath, '-e', script], host);

const gates = new Gates();

afterEach(() => gates.close());

describe('parseBridgeArguments', () => {
  it('reads the socket, the variables and the program', () => {
    const given = ['--socket', '/s', '--set', 'A={address}/v1', '--set', 'B_2=x=y\n', '--', 'sh', '-c', '--', 'x'];

    expect(parseBridgeArguments(given)).toEqual({
      socket: '/s',
      variables: { A: '{address}/v1', B_2: 'x=y\n' },
      argv: ['sh', '-c', '--', 'x'],
    });
  });

  it.each([
    [[]],
    [['--socket', '/s']],
    [['--socket', '/s', '--']],
    [['--', 'sh']],
    [['--socket', '--', 'sh']],
    [['--socket', '/s', '--set', 'A', '--', 'sh']],
    [['--socket', '/s', '--set', '=x', '--', 'sh']],
    [['--socket', '/s', '--other', 'x', '--', 'sh']],
  ])('does not take %j', (given) => {
    expect(parseBridgeArguments(given)).toBeNull();
  });
});

describe('runNetworkBridge', () => {
  it('leads a program to its gate, and ends with its code', async () => {
    const model = new ScriptedModelServer({ rules: [{ when: () => true, reply: say('x') }] });
    const gate = await gates.open({ protocol: 'anthropic', baseUrl: await model.start(), apiKey: null, model: 'm' });
    const given = ['--socket', gate.socket, '--set', 'MODEL_URL={address}', '--', process.execPath, '-e', ASK];

    expect(await runNetworkBridge(given, new FakeHost())).toEqual({ code: 0, signal: null, sentence: null });
    await model.stop();
  });

  it('ends a connection where there is no gate', async () => {
    expect(await run(ASK, new FakeHost(), '--set', 'MODEL_URL={address}')).toMatchObject({ code: 9 });
  });

  it('ends connections that the program leaves behind', async () => {
    const port = await gates.serveTcp(() => undefined);
    const gate = await gates.open(null, { privateHosts: [`127.0.0.1:${port}`] });
    const leave = `
      const { hostname, port } = new URL(process.env.MODEL_URL);
      const socket = require('net').connect(port, hostname);
      socket.write('CONNECT 127.0.0.1:${port} HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n');
      socket.once('data', () => process.exit(3));`;
    const given = ['--socket', gate.socket, '--set', 'MODEL_URL={address}', '--', process.execPath, '-e', leave];

    expect(await runNetworkBridge(given, new FakeHost())).toMatchObject({ code: 3 });
  });

  it('adds its variables to the environment, with the address in place', async () => {
    const check = `
      const { MODEL_URL, TWICE, KEPT } = process.env;
      const isRight = /^http:\\/\\/127\\.0\\.0\\.1:\\d+\\/v1$/.test(MODEL_URL) && TWICE === MODEL_URL.slice(0, -3).repeat(2);
      process.exit(isRight && KEPT === 'kept' ? 0 : 1);`;

    const end = await run(
      check,
      new FakeHost(),
      '--set',
      'MODEL_URL={address}/v1',
      '--set',
      'TWICE={address}{address}',
    );

    expect(end.code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on, and tells how the program ended', async (signal) => {
    const host = new FakeHost();
    const running = run('setInterval(() => undefined, 1000)', host);
    while (host.signals.length < 3) await new Promise((resolve) => setImmediate(resolve));

    host.send(signal);

    const number = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1 }[signal];
    expect(await running).toEqual({ code: 128 + number, signal, sentence: null });
    expect(host.signals).toEqual([]);
  });

  it('says so where the program is missing, or none', async () => {
    const missing = ['--socket', '/s', '--', '/nowhere/agent'];
    const folder = ['--socket', '/s', '--', '/'];

    expect(await runNetworkBridge(missing, new FakeHost())).toEqual({
      code: 127,
      signal: null,
      sentence: 'network-bridge cannot start /nowhere/agent: ENOENT',
    });
    expect(await runNetworkBridge(folder, new FakeHost())).toMatchObject({ code: 126 });
    expect(await runNetworkBridge(['--help'], new FakeHost())).toEqual({
      code: 2,
      signal: null,
      sentence: 'Usage: network-bridge --socket <path> [--set NAME=TEMPLATE]... -- <program> [argument]...',
    });
  });
});

describe('The program network-bridge', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = makeTemporaryFolder();
  });
  afterEach(() => folder.remove());

  async function start(...argv: readonly string[]) {
    compileSource(folder.path, ['egress']);
    const program = join(folder.path, 'src/egress/network-bridge.js');
    const bridge = spawn(process.execPath, [program, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [bridge.stdout, bridge.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    bridge.stdin.end('from outside');
    const [code, signal] = (await once(bridge, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, said };
  }

  it.each<[string, string, number | null, NodeJS.Signals | null, string]>([
    [
      'passes input and output through',
      'read -r x; echo "$x to $WHERE"; exit 7',
      7,
      null,
      'from outside to http://127.0.0.1:',
    ],
    ['ends by the signal that ended its program', 'kill -KILL $$', null, 'SIGKILL', ''],
  ])('%s', async (_title, script, code, signal, said) => {
    const end = await start('--socket', '/nowhere', '--set', 'WHERE={address}', '--', 'sh', '-c', script);

    expect(end).toMatchObject({ code, signal, said: expect.stringContaining(said) as unknown });
  });

  it('says what is wrong on the standard error', async () => {
    expect(await start('--', 'sh')).toMatchObject({ code: 2, said: expect.stringMatching(/^Usage: /) as unknown });
  });
});
