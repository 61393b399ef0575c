import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf as sentenceOf } from '../../kernel/index.js';
import { findRequestFault } from './find-request-fault.js';
import { readConversation, type ModelConversation } from './model-conversation.js';
import { failWith, type FailureReply, type MessageReply, type ModelReply } from './model-reply.js';
import { messageOf, streamEventsOf, type StreamEvent } from './reply-message.js';

/** When a conversation looks like this, the model answers that. */
export interface ModelRule {
  /** Named in `requests`, so that a test can tell which rule answered. */
  readonly name?: string;
  readonly when: (conversation: ModelConversation) => boolean;
  /** A function may answer later: what it waits for is the model's delay. */
  readonly reply: ModelReply | ((conversation: ModelConversation) => ModelReply | Promise<ModelReply>);
  /**
   * How often the rule answers before it is passed over, for failures that go away.
   * @default Infinity
   */
  readonly times?: number;
}

export interface ScriptedModelServerOptions {
  /** The first rule that fits answers. Where none fits, the request is refused with 400 and listed in `unanswered`. */
  readonly rules: readonly ModelRule[];
  /** The key a request must carry; without it any is accepted, and none. */
  readonly apiKey?: string;
  /** Answers count_tokens; null says 404, as gateways without it do. Without it, the estimate from the length. */
  readonly countTokens?: ((conversation: ModelConversation) => number) | null;
}

/** One request that reached the model. */
export interface RecordedModelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly conversation: ModelConversation;
  /** The name of the rule that answered; null where it has none or none fitted. */
  readonly rule: string | null;
}

const MESSAGES = '/v1/messages';
const COUNT_TOKENS = '/v1/messages/count_tokens';

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A model that plays a script: the Messages API over HTTP on a free port of loopback, with streams, tool calls, usage
 * numbers and faults. It answers by the content of a conversation, not by the order of calls, and refuses the requests
 * that the real API would refuse.
 *
 * @example
 * const server = new ScriptedModelServer({ rules: [{ when: (c) => c.mentions('hello'), reply: say('Hello!') }] });
 * const client = new Anthropic({ apiKey: 'any', baseURL: await server.start() });
 */
export class ScriptedModelServer {
  /** Requests to the model, in order. Counting tokens is not one. */
  readonly requests: RecordedModelRequest[] = [];
  /** One sentence for each request that no rule answered, or whose rule failed. Empty when the script was complete. */
  readonly unanswered: string[] = [];
  private readonly answered = new Map<ModelRule, number>();
  private readonly waiting = new Set<() => void>();
  private server: Server | undefined;
  private answers = 0;

  constructor(private readonly options: ScriptedModelServerOptions) {}

  /** Starts to listen and returns the address for a client. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        this.unanswered.push(`A request could not be answered: ${sentenceOf(error)}`);
        response.destroy();
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Ends every connection, answered or not. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** Resolves when the model was asked so many times in all. */
  async received(count: number): Promise<void> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { pathname } = new URL(String(request.url), 'http://model');
    const refusal = this.refusalOf(request, pathname, body);
    if (refusal !== null) return sendFailure(response, refusal);

    const conversation = readConversation(body as Record<string, unknown>);
    if (pathname === COUNT_TOKENS) return this.countTokens(response, conversation);

    const rule = this.ruleFor(conversation);
    this.requests.push({ path: pathname, headers: request.headers, conversation, rule: rule?.name ?? null });
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    const reply = await this.replyOf(rule, conversation);
    if (response.destroyed) return;
    if (reply.kind === 'message') return this.sendMessage(response, reply, conversation);
    if (conversation.isStreaming && reply.isInsideStream === true)
      return this.failInsideStream(response, reply, conversation);
    sendFailure(response, reply);
  }

  private refusalOf(request: IncomingMessage, pathname: string, body: unknown): FailureReply | null {
    const { apiKey } = this.options;
    const given = request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '');
    if (apiKey !== undefined && given !== apiKey) return failWith(401, { message: 'invalid x-api-key' });
    if (request.headers['anthropic-version'] === undefined) {
      return failWith(400, { message: 'anthropic-version: header is required' });
    }
    if (request.method !== 'POST' || (pathname !== MESSAGES && pathname !== COUNT_TOKENS)) return failWith(404);
    const fault = findRequestFault(body);
    return fault === null ? null : failWith(400, { message: fault });
  }

  private countTokens(response: ServerResponse, conversation: ModelConversation): void {
    const { countTokens = ({ inputTokens }) => inputTokens } = this.options;
    if (countTokens === null) return sendFailure(response, failWith(404));
    sendJson(response, 200, { input_tokens: countTokens(conversation) });
  }

  private ruleFor(conversation: ModelConversation): ModelRule | undefined {
    const rule = this.options.rules.find(
      (candidate) =>
        (this.answered.get(candidate) ?? 0) < (candidate.times ?? Infinity) && candidate.when(conversation),
    );
    if (rule !== undefined) this.answered.set(rule, (this.answered.get(rule) ?? 0) + 1);
    return rule;
  }

  private async replyOf(rule: ModelRule | undefined, conversation: ModelConversation): Promise<ModelReply> {
    if (rule === undefined) {
      return this.refuseUnscripted(`No rule fits the prompt ${JSON.stringify(conversation.lastPrompt.slice(0, 200))}`);
    }
    try {
      return typeof rule.reply === 'function' ? await rule.reply(conversation) : rule.reply;
    } catch (error) {
      return this.refuseUnscripted(`The rule ${rule.name ?? 'without a name'} failed: ${sentenceOf(error)}`);
    }
  }

  private refuseUnscripted(sentence: string): FailureReply {
    this.unanswered.push(sentence);
    return failWith(400, { message: `Scripted model: ${sentence}` });
  }

  private async sendMessage(
    response: ServerResponse,
    reply: MessageReply,
    conversation: ModelConversation,
  ): Promise<void> {
    const id = this.nextId();
    if (conversation.isStreaming) return sendStream(response, streamEventsOf(reply, conversation, id), reply);
    if (reply.isCut !== true) return sendJson(response, 200, messageOf(reply, conversation, id));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"type":"message",', () => response.destroy());
  }

  private failInsideStream(response: ServerResponse, failure: FailureReply, conversation: ModelConversation): void {
    const empty: MessageReply = { kind: 'message', content: [], stop: 'end_turn' };
    const start = streamEventsOf(empty, conversation, this.nextId()).slice(0, 1);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end([...start, { type: 'error', ...errorOf(failure) }].map(frameOf).join(''));
  }

  private nextId(): string {
    this.answers += 1;
    return String(this.answers).padStart(4, '0');
  }
}

function errorOf({ type, message }: FailureReply): { error: { type: string; message: string } } {
  return { error: { type, message } };
}

function frameOf(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function sendFailure(response: ServerResponse, failure: FailureReply): void {
  const { retryAfterSeconds } = failure;
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` };
  sendJson(response, failure.status, { type: 'error', ...errorOf(failure) }, headers);
}

async function sendStream(
  response: ServerResponse,
  events: readonly StreamEvent[],
  reply: MessageReply,
): Promise<void> {
  const [start, ...rest] = events.map(frameOf);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(start);
  await reply.pausedUntil;
  if (reply.isCut !== true) {
    response.end(rest.join(''));
    return;
  }
  // Half of the content, so that a tool call comes without its end.
  response.write(rest.slice(0, Math.ceil(rest.length / 2)).join(''), () => response.destroy());
}
