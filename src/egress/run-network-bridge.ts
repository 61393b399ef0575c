import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { constants } from 'node:os';
import { pipeline } from 'node:stream/promises';

// Only what belongs to Node is imported here: this runs inside a sandbox, in which nothing else need be there.

/** What the bridge was told to do. */
export interface BridgeOrder {
  /** The Unix socket to which every connection leads. */
  readonly socket: string;
  /** Variables of the program; `{address}` in a value stands for the address of the bridge. */
  readonly variables: Readonly<Record<string, string>>;
  readonly argv: readonly [string, ...string[]];
}

/** How the program ended, and with it the bridge. */
export interface BridgeEnd {
  readonly code: number;
  /** The signal that ended the program; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** What to say on the standard error; null where there is nothing. */
  readonly sentence: string | null;
}

/** What a bridge needs of its process. */
export interface BridgeHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

const USAGE = 'Usage: network-bridge --socket <path> [--set NAME=TEMPLATE]... -- <program> [argument]...';
/** As shells do it. */
const CODES = { usage: 2, notRunnable: 126, notFound: 127, signal: 128 };
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Reads the arguments; null where they are not those of a bridge. */
export function parseBridgeArguments(given: readonly string[]): BridgeOrder | null {
  const end = given.indexOf('--');
  const [program, ...rest] = end < 0 ? [] : given.slice(end + 1);
  const options = given.slice(0, Math.max(0, end));
  let socket = '';
  const variables: Record<string, string> = {};
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1] ?? '';
    const [, name, template] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? [];
    if (options[at] === '--socket') socket = value;
    else if (options[at] === '--set' && name !== undefined) variables[name] = template ?? '';
    else return null;
  }
  return program === undefined || socket === '' ? null : { socket, variables, argv: [program, ...rest] };
}

/**
 * Runs a program whose only way out is a Unix socket: a port of loopback leads there, and variables tell the program
 * which. Ends with the program, and every connection with it.
 */
export async function runNetworkBridge(given: readonly string[], host: BridgeHost): Promise<BridgeEnd> {
  const order = parseBridgeArguments(given);
  if (order === null) return { code: CODES.usage, signal: null, sentence: USAGE };
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const gate = connect({ path: order.socket, allowHalfOpen: true });
    for (const socket of [client, gate]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    void Promise.allSettled([pipeline(client, gate), pipeline(gate, client)]);
  });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await runProgram(order, address, host);
  } finally {
    server.close();
    for (const socket of open) socket.destroy();
  }
}

function runProgram({ variables, argv }: BridgeOrder, address: string, host: BridgeHost): Promise<BridgeEnd> {
  const set = Object.entries(variables).map(([name, value]) => [name, value.replaceAll('{address}', address)] as const);
  const [program, ...rest] = argv;
  const child = spawn(program, rest, { stdio: 'inherit', env: { ...host.env, ...Object.fromEntries(set) } });
  const forwards = FORWARDED.map((signal) => [signal, () => void child.kill(signal)] as const);
  for (const [signal, forward] of forwards) host.on(signal, forward);
  return new Promise<BridgeEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'ENOENT' ? CODES.notFound : CODES.notRunnable;
      const sentence = `network-bridge cannot start ${program}: ${error.code ?? error.message}`;
      resolve({ code, signal: null, sentence });
    });
    child.once('exit', (code, signal) => {
      resolve({ code: code ?? CODES.signal + numberOf(signal), signal, sentence: null });
    });
  }).finally(() => {
    for (const [signal, forward] of forwards) host.off(signal, forward);
  });
}

function numberOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
