import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EgressOptions } from './egress.options.js';
import type { EgressGateSpec } from './egress.types.js';
import { connectToHost, NoConnection } from './host-connections.js';
import { parseAuthority, type HostAndPort } from './host-entry.js';
import { sendRefusal } from './send-refusal.js';

const HTTP_PORT = 80;
const ABSOLUTE = /^http:\/\/([^/?#]+)(\/[^#]*|\?[^#]*)?$/i;
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST'];
/** RFC 9110, 7.6.1, and what is between a client and its proxy. */
const HOP_BY_HOP = /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/;
const REASONS = { 403: 'Forbidden', 502: 'Bad Gateway', 504: 'Gateway Timeout' } as const;

/** Takes an agent's requests to hosts other than the model's: tunnels, and plain HTTP. Adds no credentials. */
export class HostForwarder {
  constructor(
    private readonly spec: EgressGateSpec,
    private readonly options: EgressOptions,
  ) {}

  /** Serves `CONNECT host:port`. */
  async tunnel(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    const abandon = (): void => gone.abort();
    client.once('close', abandon).on('error', () => undefined);
    const target = String(request.url);
    const asked = parseAuthority(target);
    const socket = await this.connect(asked, 'tunnel', gone.signal);
    // From here on the last bytes of a side that is gone are still to be delivered.
    client.off('close', abandon);
    if (socket instanceof NoConnection) {
      this.tell(socket, `CONNECT ${target}`);
      const body = `${socket.sentence}\n`;
      const head = `HTTP/1.1 ${socket.status} ${REASONS[socket.status]}\r\nconnection: close\r\ncontent-type: text/plain`;
      client.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return;
    }
    socket.setTimeout(this.options.idleMs, () => socket.destroy());
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.write(head);
    // Either side may end its half first; an end with a failure is the end of both.
    await Promise.allSettled([pipeline(client, socket), pipeline(socket, client)]);
  }

  /** Serves `GET http://host:port/path`. */
  async plain(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '' } = request;
    const [, authority = '', path = '/'] = ABSOLUTE.exec(target) ?? [];
    const asked = parseAuthority(/:\d+$/.test(authority) ? authority : `${authority}:${HTTP_PORT}`);
    const name = `${method} ${target.split('?')[0]}`;
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    const hasBody = length !== undefined || coding !== undefined;
    if (!METHODS.includes(method) || (hasBody && method !== 'POST')) {
      return this.refuse(request, response, new NoConnection(403, 'Plain HTTP is for GET, HEAD and POST'), name);
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const socket = await this.connect(asked, 'plain', gone.signal);
    if (socket instanceof NoConnection) return this.refuse(request, response, socket, name);
    socket.setTimeout(this.options.idleMs, () => socket.destroy());
    const headers = { ...endToEnd(request.headers), host: authority, connection: 'close' };
    const outgoing = httpRequest({
      createConnection: () => socket,
      method,
      path: path.startsWith('/') ? path : `/${path}`,
      headers: coding === undefined ? headers : { ...headers, 'transfer-encoding': 'chunked' },
    });
    const answer = await answerTo(outgoing, request);
    if (answer === null) {
      const failure = new NoConnection(502, `${authority} did not answer`);
      return this.refuse(request, response, failure, name);
    }
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    await pipeline(answer, response).catch(() => undefined);
  }

  private async connect(asked: HostAndPort | null, approach: 'tunnel' | 'plain', signal: AbortSignal) {
    if (asked === null) return new NoConnection(403, 'That is no host and port');
    return connectToHost(asked, approach, this.options, signal);
  }

  private refuse(request: IncomingMessage, response: ServerResponse, why: NoConnection, name: string): void {
    this.tell(why, name);
    sendRefusal(request, response, { status: why.status, contentType: 'text/plain', body: `${why.sentence}\n` });
  }

  private tell({ status, sentence }: NoConnection, name: string): void {
    if (status === 403) this.spec.onRefusal?.(`${name}: ${sentence}`);
  }
}

function endToEnd(given: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((given.connection ?? '').toLowerCase().split(/\s*,\s*/));
  return Object.fromEntries(Object.entries(given).filter(([name]) => !HOP_BY_HOP.test(name) && !named.has(name)));
}

async function answerTo(outgoing: ReturnType<typeof httpRequest>, body: IncomingMessage) {
  return new Promise<IncomingMessage | null>((resolve) => {
    outgoing.on('error', () => resolve(null)).once('response', resolve);
    // The sender going away ends the connection; what it sent until then is no whole request.
    pipeline(body, outgoing).catch(() => outgoing.destroy());
  });
}
