import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf as sentenceOf } from '../../kernel/index.js';
import { geminiApi } from './gemini-api.js';
import { messagesApi } from './messages-api.js';
import type { ApiRequest, ModelApi } from './model-api.types.js';
import type { ModelConversation } from './model-conversation.js';
import { failWith, type FailureReply, type MessageReply, type ModelReply } from './model-reply.js';
import { responsesApi } from './responses-api.js';

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

/** Told apart by their paths. The first answers what is none of theirs. */
const APIS: readonly ModelApi[] = [messagesApi, responsesApi, geminiApi];

const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
/** Characters of an answer at once that come before its connection ends. */
const CUT_AFTER = 20;

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
 * A model that plays a script over HTTP, on a free port of loopback, with streams, tool calls, usage numbers and faults.
 * It answers by the content of a conversation, not by the order of calls, and refuses the requests that the real API
 * would refuse.
 *
 * One address speaks three APIs, and the same rules hold behind each: Anthropic's Messages (`/v1/messages`), OpenAI's
 * Responses (`/v1/responses`) and Google's Gemini (`/v1beta/models/…`).
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
    const { pathname, searchParams } = new URL(String(request.url), 'http://model');
    const body = await readBody(request);
    const asked: ApiRequest = { path: pathname, query: searchParams, headers: request.headers, body };
    const api = APIS.find((candidate) => candidate.operationOf(pathname) !== null) ?? messagesApi;
    const refusal = this.refusalOf(api, asked, request.method);
    if (refusal !== null) return sendFailure(response, api, refusal);

    const conversation = api.read(asked);
    if (api.operationOf(pathname) === 'count') return this.countTokens(response, api, conversation);

    const rule = this.ruleFor(conversation);
    this.requests.push({ path: pathname, headers: request.headers, conversation, rule: rule?.name ?? null });
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    const reply = await this.replyOf(rule, conversation);
    if (response.destroyed) return;
    if (reply.kind === 'message') return this.sendMessage(response, api, reply, conversation);
    if (!conversation.isStreaming || reply.isInsideStream !== true) return sendFailure(response, api, reply);
    response.writeHead(200, STREAM_HEADERS);
    response.end(api.failureFramesOf(reply, conversation, this.nextId()).join(''));
  }

  private refusalOf(api: ModelApi, asked: ApiRequest, method: string | undefined): FailureReply | null {
    const { apiKey } = this.options;
    if (apiKey !== undefined && api.keyOf(asked) !== apiKey) return api.wrongKey;
    const isCall = method === 'POST' && api.operationOf(asked.path) !== null;
    if (!isCall) return failWith(404);
    const fault = api.findFault(asked);
    return fault === null ? null : failWith(400, { message: fault });
  }

  private countTokens(response: ServerResponse, api: ModelApi, conversation: ModelConversation): void {
    const { countTokens = ({ inputTokens }) => inputTokens } = this.options;
    if (countTokens === null) return sendFailure(response, api, failWith(404));
    sendJson(response, 200, api.countBodyOf(countTokens(conversation)));
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
    api: ModelApi,
    reply: MessageReply,
    conversation: ModelConversation,
  ): Promise<void> {
    const id = this.nextId();
    if (conversation.isStreaming) return sendStream(response, api.framesOf(reply, conversation, id), reply);
    const body = api.bodyOf(reply, conversation, id);
    if (reply.isCut !== true) return sendJson(response, 200, body);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(JSON.stringify(body).slice(0, CUT_AFTER), () => response.destroy());
  }

  private nextId(): string {
    this.answers += 1;
    return String(this.answers).padStart(4, '0');
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function sendFailure(response: ServerResponse, api: ModelApi, failure: FailureReply): void {
  const { status, body, headers } = api.failureOf(failure);
  sendJson(response, status, body, headers);
}

async function sendStream(response: ServerResponse, frames: readonly string[], reply: MessageReply): Promise<void> {
  const [start, ...rest] = frames;
  response.writeHead(200, STREAM_HEADERS);
  response.write(start);
  await reply.pausedUntil;
  if (reply.isCut !== true) {
    response.end(rest.join(''));
    return;
  }
  // Half of the content, so that a tool call comes without its end.
  response.write(rest.slice(0, Math.ceil(rest.length / 2)).join(''), () => response.destroy());
}
