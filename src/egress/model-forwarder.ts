import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AnswerMeter } from './answer-meter.js';
import { checkModelBody } from './check-model-body.js';
import type { EgressOptions } from './egress.options.js';
import type { EgressGateSpec, ModelRoute } from './egress.types.js';
import { HeldBodies } from './held-bodies.js';
import { ModelConnections, NoAnswer, type OutgoingCall } from './model-connections.js';
import { failureDetail, modelErrorBody, withoutKey } from './model-error.js';
import { headersFromModel, headersToModel, presentsToken, retryAfterMs } from './model-headers.js';
import { decideModelCall, type ModelCallDecision } from './model-paths.js';
import { sendRefusal } from './send-refusal.js';
import { StructureMeter } from './structure-meter.js';

type Call = Extract<ModelCallDecision, { kind: 'call' }>;

/** One request of the agent, with what it is called in a report. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly name: string;
}

/** What of a failure's body is read. */
const LONGEST_FAILURE_BYTES = 64 * 1024;

/**
 * Takes an agent's requests to one model: lets through what the route allows, with the key instead of the token, and
 * counts the answers. An answer goes through as it comes, byte by byte; only a failure's is read first, to take out a
 * key that it quotes.
 */
export class ModelForwarder {
  private readonly connections: ModelConnections;
  private readonly bodies: HeldBodies;

  constructor(
    private readonly route: ModelRoute,
    private readonly token: string,
    private readonly spec: EgressGateSpec,
    private readonly options: EgressOptions,
  ) {
    this.connections = new ModelConnections(options.modelIdleMs);
    this.bodies = new HeldBodies(options.maxBodyBytes);
  }

  close(): void {
    this.connections.close();
  }

  /** Rejects where the caller went away while it was sending. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const exchange = { request, response, name: `${method} ${target.split('?')[0]}` };
    const call = decideModelCall(this.route, method, target);
    if (call.kind === 'probe') return void response.writeHead(200, { 'content-length': 0 }).end();
    if (call.kind === 'refused') return this.refuse(exchange, 403, call.sentence);
    if (!presentsToken(headers, target, this.token)) {
      return this.refuse(exchange, 401, 'The key of this request is not the one of this sandbox');
    }
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') return this.refuse(exchange, 400, `The body must be plain, and is in ${encoding}`);
    const structure = new StructureMeter();
    const held = await this.bodies.read(request, (chunk) => structure.take(chunk));
    if (held === 'not-accepted') return this.refuse(exchange, 400, 'The body is no request that a model is sent');
    if (held === 'too-large') {
      return this.refuse(exchange, 413, `Requests may hold ${this.options.maxBodyBytes} bytes at once in all`);
    }
    const check = checkModelBody(this.route, call.operation, held.bytes, this.options.allowProviderTools);
    if (check.kind === 'refused') {
      held.release();
      return this.refuse(exchange, check.status, check.sentence);
    }
    const answer = await this.ask(exchange, call, check.body).finally(() => held.release());
    if (answer !== null) await this.relay(exchange, call, answer);
  }

  private refuse({ request, response, name }: Exchange, status: number, sentence: string): void {
    this.spec.onRefusal?.(`${name}: ${sentence}`);
    this.answer(request, response, status, sentence);
  }

  private answer(request: IncomingMessage, response: ServerResponse, status: number, sentence: string): void {
    const body = modelErrorBody(this.route.protocol, status, sentence);
    sendRefusal(request, response, { status, contentType: 'application/json', body });
  }

  /** The model's answer; null where there is none and the caller was told, or is gone. */
  private async ask(exchange: Exchange, call: Call, body: Buffer): Promise<IncomingMessage | null> {
    const { request, response } = exchange;
    const gone = new AbortController();
    // After the whole answer too, when there is nothing left to end.
    response.once('close', () => gone.abort());
    const outgoing: OutgoingCall = {
      url: call.url,
      headers: headersToModel(request.headers, this.route, body.length),
      body,
      signal: gone.signal,
    };
    const answer = await this.connections.send(outgoing);
    if (!(answer instanceof NoAnswer)) return answer;
    if (!gone.signal.aborted) this.fail(exchange, call, answer.isLate ? 504 : 502, answer.sentence);
    return null;
  }

  private async relay(exchange: Exchange, call: Call, answer: IncomingMessage): Promise<void> {
    const { statusCode: status = 502, headers } = answer;
    const fault = faultOf(status, headers['content-encoding']);
    if (fault !== null) {
      answer.destroy();
      return this.fail(exchange, call, 502, fault);
    }
    if (status >= 400) return this.relayFailure(exchange, call, answer, status);
    const { response } = exchange;
    const meter = new AnswerMeter(headers['content-type'] ?? '', this.route.apiKey);
    const metered = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        meter.take(chunk);
        done(null, chunk);
      },
    });
    response.writeHead(status, headersFromModel(headers)).flushHeaders();
    // Cut off by either side: the other one is cut off too, and what was told until then counts.
    await pipeline(answer, metered, response).catch(() => undefined);
    meter.end();
    if (meter.use !== null && call.operation !== 'count') this.spec.onUse?.(meter.use);
    if (meter.failure !== null) this.spec.onModelFailure?.({ ...meter.failure, retryAfterMs: null });
  }

  private async relayFailure(
    { response }: Exchange,
    call: Call,
    answer: IncomingMessage,
    status: number,
  ): Promise<void> {
    const text = withoutKey(await readStart(answer), this.route.apiKey);
    const wait = retryAfterMs(answer.headers, this.options.clock.now());
    this.tell(call, status, failureDetail(text, this.route.apiKey), wait);
    const { 'content-length': _length, ...headers } = headersFromModel(answer.headers);
    response.writeHead(status, headers).end(text);
  }

  private fail({ request, response }: Exchange, call: Call, status: number, sentence: string): void {
    this.tell(call, status, sentence, null);
    this.answer(request, response, status, sentence);
  }

  /** That tokens cannot be counted says nothing about the model: many gateways cannot. */
  private tell(call: Call, status: number, detail: string, wait: number | null): void {
    if (call.operation !== 'count') this.spec.onModelFailure?.({ status, detail, retryAfterMs: wait });
  }
}

/** Why an answer is not passed on; null where it is. */
function faultOf(status: number, encoding = 'identity'): string | null {
  // The key would follow to wherever it points, and the agent cannot.
  if (status >= 300 && status < 400) return `The model's address answered with a redirect (${status})`;
  return encoding === 'identity' ? null : `The model's address answered in ${encoding}, though asked for plain bytes`;
}

async function readStart(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= LONGEST_FAILURE_BYTES) break;
    }
  } catch {
    // What came before it was cut off is all there is.
  }
  return Buffer.concat(chunks).toString('utf8', 0, LONGEST_FAILURE_BYTES);
}
