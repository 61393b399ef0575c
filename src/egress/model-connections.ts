import {
  request as httpRequest,
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';

/** A request to a model, whole. */
export interface OutgoingCall {
  readonly url: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** Ends the request and its answer. */
  readonly signal: AbortSignal;
}

/** Why there is no answer. */
export class NoAnswer {
  constructor(private readonly reason: string) {}

  get isLate(): boolean {
    return this.reason === LATE;
  }

  get isReset(): boolean {
    return this.reason === 'ECONNRESET';
  }

  /** Without the address: the sandbox need not know it. */
  get sentence(): string {
    return `The model's address did not answer (${this.reason})`;
  }
}

const LATE = 'ETIMEDOUT';
/** How long a connection is kept for the next call, where the other side does not say. */
const KEPT_MS = 30_000;

/** The connections to one model's address. They are kept between calls; a redirect is not followed. */
export class ModelConnections {
  private readonly http = new HttpAgent({ keepAlive: true, timeout: KEPT_MS });
  private readonly https = new HttpsAgent({ keepAlive: true, timeout: KEPT_MS });

  /** @param idleMs milliseconds without a byte after which the answer is given up */
  constructor(private readonly idleMs: number) {}

  /** The answer as soon as its headers are there. Never rejects. */
  async send(call: OutgoingCall): Promise<IncomingMessage | NoAnswer> {
    for (;;) {
      const request = this.start(call);
      const answer = await answerTo(request, call.body);
      // The other side may close a kept connection at the moment in which it is used again: it saw nothing of the call.
      const isStale = answer instanceof NoAnswer && answer.isReset && request.reusedSocket;
      if (!isStale || call.signal.aborted) return answer;
    }
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private start({ url, headers, signal }: OutgoingCall): ClientRequest {
    const isSecure = url.startsWith('https:');
    const agent = isSecure ? this.https : this.http;
    const request = (isSecure ? httpsRequest : httpRequest)(url, { method: 'POST', agent, headers, signal });
    request.setTimeout(this.idleMs, () => {
      request.destroy(Object.assign(new Error('No byte came in time'), { code: LATE }));
    });
    return request;
  }
}

function answerTo(request: ClientRequest, body: Buffer): Promise<IncomingMessage | NoAnswer> {
  return new Promise((resolve) => {
    // The listener stays: without one, a failure after the headers would end the process. The answer tells it.
    request.on('error', ({ code = 'failed' }: NodeJS.ErrnoException) => resolve(new NoAnswer(code)));
    request.once('response', resolve).end(body);
  });
}
