import Anthropic from '@anthropic-ai/sdk';
import type { LanguageModel, ModelRequest } from './language-model.port.js';
import {
  InvalidParserOptionsError,
  ModelAnswerCutError,
  ModelAnswerInvalidError,
  ModelOverloadedError,
  ModelRefusalError,
  ModelRequestError,
  ModelUnauthorizedError,
  ModelUnreachableError,
} from './parser.errors.js';

export interface AnthropicLanguageModelOptions {
  /** A secret: sent to the address, and nowhere else. */
  readonly apiKey: string;
  /**
   * Base address of an API like Anthropic's; null for Anthropic's own. The environment is not read.
   * @default null
   */
  readonly baseUrl?: string | null;
  /** @default 'claude-sonnet-5-5' */
  readonly model?: string;
  /**
   * Milliseconds after which one attempt is given up.
   * @default 60000
   */
  readonly timeoutMs?: number;
  /**
   * How often an attempt is repeated after a network error, a rate limit or a failure of the server.
   * @default 2
   */
  readonly maxRetries?: number;
  /**
   * Tokens an answer may be long, thinking included.
   * @default 8192
   */
  readonly maxOutputTokens?: number;
}

/** Without the address in the sentence, as it may hold a password. */
function checkAddress(baseUrl: string): void {
  const problem = "The language model's base address";
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new InvalidParserOptionsError(`${problem} is no http or https address`);
  }
  const { username, password } = new URL(baseUrl);
  // fetch refuses such an address at every request.
  if (username !== '' || password !== '') throw new InvalidParserOptionsError(`${problem} holds a user or a password`);
}

/** The LanguageModel over Anthropic's Messages API, with structured output. */
export class AnthropicLanguageModel implements LanguageModel {
  readonly name: string;
  private readonly client: Anthropic;
  private readonly host: string;
  private readonly apiKey: string;
  private readonly maxOutputTokens: number;

  /** @throws {InvalidParserOptionsError} if the key is empty or the address cannot be asked */
  constructor(options: AnthropicLanguageModelOptions) {
    const { apiKey, baseUrl = null, model = 'claude-sonnet-5-5', maxOutputTokens = 8_192 } = options;
    const { timeoutMs = 60_000, maxRetries = 2 } = options;
    if (apiKey.trim() === '') throw new InvalidParserOptionsError('The API key of the language model is empty');
    if (baseUrl !== null) checkAddress(baseUrl);
    this.name = model;
    this.apiKey = apiKey;
    this.maxOutputTokens = maxOutputTokens;
    // baseURL is null where the SDK's own is meant: left out, the SDK would read the environment.
    this.client = new Anthropic({ apiKey, baseURL: baseUrl, timeout: timeoutMs, maxRetries, logLevel: 'off' });
    this.host = new URL(this.client.baseURL).host;
  }

  async answer({ system, turns, schema }: ModelRequest): Promise<string> {
    const message = await this.send({
      model: this.name,
      max_tokens: this.maxOutputTokens,
      system,
      messages: turns.map(({ role, text }) => ({ role, content: text })),
      output_config: { format: { type: 'json_schema', schema } },
    });
    if (!Array.isArray(message.content))
      throw new ModelAnswerInvalidError([`${this.host} did not answer with a message`]);
    // Looked at before the text: a cut or declined answer can be valid JSON all the same.
    const { stop_reason: stop } = message;
    if (stop === 'refusal') throw new ModelRefusalError(`${this.name} declined to estimate the issue`);
    if (stop !== 'end_turn') {
      throw new ModelAnswerCutError(`${this.name} stopped before its answer was complete: ${stop}`);
    }
    return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  }

  private async send(body: Anthropic.MessageCreateParamsNonStreaming): Promise<Anthropic.Message> {
    try {
      return await this.client.messages.create(body);
    } catch (error) {
      throw this.explain(error);
    }
  }

  private explain(cause: unknown): Error {
    const status = cause instanceof Anthropic.APIError ? cause.status : undefined;
    if (!(cause instanceof Anthropic.APIError) || status === undefined) {
      const isLate = cause instanceof Anthropic.APIConnectionTimeoutError;
      const what = isLate ? 'did not answer in time' : 'could not be reached or broke off';
      return new ModelUnreachableError(`${this.name} at ${this.host} ${what}`, { cause });
    }
    const sentence = `${this.name} at ${this.host} answered ${status}${this.reasonOf(cause)}`;
    // Without the cause: it holds the answer, which can repeat the key.
    if (status === 401 || status === 403) return new ModelUnauthorizedError(sentence);
    if (status === 429 || status >= 500) return new ModelOverloadedError(sentence);
    return new ModelRequestError(sentence);
  }

  private reasonOf({ type, apiMessage }: InstanceType<typeof Anthropic.APIError>): string {
    const reason = [type, apiMessage].filter((part) => typeof part === 'string').join(': ');
    // An address can repeat the key it was given.
    return reason === '' ? '' : ` (${reason.replaceAll(this.apiKey, '***').slice(0, 300)})`;
  }
}
