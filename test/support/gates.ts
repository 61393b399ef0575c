import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  connect as connectSocket,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { resolveEgressOptions, type EgressModuleOptions } from '../../src/egress/egress.options.js';
import { EgressProxy } from '../../src/egress/egress-proxy.js';
import type { EgressGate, EgressGateSpec, ForwardedFailure, ForwardedUse, ModelRoute } from '../../src/egress/index.js';

/** A gate and everything it told. */
export interface WatchedGate extends EgressGate {
  readonly uses: ForwardedUse[];
  readonly failures: ForwardedFailure[];
  readonly refusals: string[];
  /** Resolves with the list once it is so long. */
  told<T>(list: readonly T[], count: number): Promise<readonly T[]>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}

/** What the tests of one file opened, to be closed after each. */
export class Gates {
  private readonly closers: (() => Promise<unknown>)[] = [];

  async open(model: ModelRoute | null, options: EgressModuleOptions = {}): Promise<WatchedGate> {
    const proxy = new EgressProxy(resolveEgressOptions(options));
    this.closers.push(() => proxy.close());
    const uses: ForwardedUse[] = [];
    const failures: ForwardedFailure[] = [];
    const refusals: string[] = [];
    const waiting = new Set<() => void>();
    const note =
      <T>(list: T[]) =>
      (told: T): void => {
        list.push(told);
        for (const wake of waiting) wake();
      };
    const spec: EgressGateSpec = {
      model,
      onUse: note(uses),
      onModelFailure: note(failures),
      onRefusal: note(refusals),
    };
    const gate = await proxy.open(spec);
    const told = async <T>(list: readonly T[], count: number): Promise<readonly T[]> => {
      while (list.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
      return list;
    };
    return { ...gate, uses, failures, refusals, told };
  }

  /** An HTTP server of a test on loopback; returns its address. */
  async serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(handler);
    this.closers.push(() => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    });
    return `http://127.0.0.1:${await listen(server)}`;
  }

  /** A TCP server of a test on loopback; returns its port. */
  async serveTcp(handler: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket.on('error', () => undefined));
      handler(socket);
    });
    this.closers.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return listen(server);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Sends a request into a gate. Rejects where the connection ends without a whole answer. */
export async function ask(gate: Pick<EgressGate, 'socket'>, asked: Asked): Promise<Answer> {
  const answer = await begin(gate, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() };
}

/** The answer as soon as its headers are there. */
export function begin(gate: Pick<EgressGate, 'socket'>, asked: Asked): Promise<IncomingMessage> {
  const { method = 'POST', path = '/v1/messages', headers = {}, body } = asked;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: gate.socket, method, path, headers, agent: false }, resolve);
    outgoing.on('error', reject).end(body);
  });
}

/** A tunnel through a gate, or the answer that there is none. */
export function tunnel(gate: Pick<EgressGate, 'socket'>, target: string) {
  return new Promise<{ readonly status: number; readonly socket: Socket; readonly body: Promise<string> }>(
    (resolve, reject) => {
      const outgoing = request({ socketPath: gate.socket, method: 'CONNECT', path: target, agent: false });
      outgoing.on('error', reject).end();
      outgoing.once('connect', (answer, socket: Socket, head: Buffer) => {
        resolve({ status: answer.statusCode ?? 0, socket, body: textOf(socket, head) });
      });
    },
  );
}

/** Writes bytes as they are and returns everything that comes until the end. */
export async function raw(gate: Pick<EgressGate, 'socket'>, bytes: string | Buffer): Promise<string> {
  const socket = connectSocket({ path: gate.socket, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.end(bytes);
  return textOf(socket, Buffer.alloc(0));
}

async function textOf(socket: Socket, head: Buffer): Promise<string> {
  const chunks = [head];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}
