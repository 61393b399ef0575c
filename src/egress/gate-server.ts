import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { EgressOptions } from './egress.options.js';
import type { EgressGateSpec } from './egress.types.js';
import { HostForwarder } from './host-forwarder.js';
import { ModelForwarder } from './model-forwarder.js';
import { sendRefusal } from './send-refusal.js';

/** For the headers, and for a whole request: the sender is on this machine. */
const HEADERS_MS = 30_000;
const REQUEST_MS = 120_000;

/**
 * One gate's HTTP server. It tells by the form of a request where it is to go: a path is the model's API, a whole
 * address or CONNECT another host.
 */
export class GateServer {
  private readonly server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS });
  private readonly sockets = new Set<Socket>();
  private readonly handled = new Set<Promise<void>>();
  private readonly model: ModelForwarder | null;
  private readonly hosts: HostForwarder;

  constructor(
    private readonly spec: EgressGateSpec,
    token: string,
    options: EgressOptions,
  ) {
    this.model = spec.model === null ? null : new ModelForwarder(spec.model, token, spec, options);
    this.hosts = new HostForwarder(spec, options);
    this.server.maxConnections = options.maxConnections;
    // A tunnel's connection is no more the server's, and would outlive it.
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // What is left to go wrong is that the caller is gone.
      const handled = this.handle(request, response)
        .catch(() => void response.destroy())
        .finally(() => this.handled.delete(handled));
      this.handled.add(handled);
    });
    this.server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.hosts.tunnel(request, socket, head).catch(() => void socket.destroy());
    });
  }

  /** Rejects with the system's error where the socket cannot be made. */
  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // Stays: a connection that cannot be accepted, for want of descriptors, is an error of the server too.
      this.server.on('error', reject);
      // Whoever finds it may use it: the folder keeps others out, and the sandboxed program has another user.
      this.server.listen({ path, readableAll: true, writableAll: true }, resolve);
    });
  }

  /** Ends every connection, and resolves when all that came of them was told. Node removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.model?.close();
    await closed;
    await Promise.all(this.handled);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: target = '', method = '' } = request;
    const fault = this.faultOf(request);
    if (fault !== null) {
      this.spec.onRefusal?.(`${method} ${target.split('?')[0]}: ${fault}`);
      return sendRefusal(request, response, { status: 403, contentType: 'text/plain', body: `${fault}\n` });
    }
    if (target.startsWith('/') && this.model !== null) return this.model.handle(request, response);
    return this.hosts.plain(request, response);
  }

  /** Why a request is nothing that this server takes; null where one of the forwarders decides. */
  private faultOf({ url: target = '', headers }: IncomingMessage): string | null {
    if (headers.upgrade !== undefined) return 'Other protocols than HTTP are not let through';
    if (!/^(?:chunked)?$/i.test(headers['transfer-encoding'] ?? '')) return 'The only transfer coding is chunked';
    if (target.startsWith('/')) return this.model === null ? 'There is no model behind this gate' : null;
    return /^http:\/\//i.test(target) ? null : 'Only http:// addresses and CONNECT are taken';
  }
}
