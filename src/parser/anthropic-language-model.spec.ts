import { inspect } from 'node:util';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AnthropicLanguageModel, type AnthropicLanguageModelOptions } from './anthropic-language-model.js';
import { estimateRequest } from './model-prompt.js';
import { MODEL_ESTIMATE_SCHEMA } from './model-estimate.js';

interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  /** Sent as it is, in the body's place. */
  readonly text?: string;
  readonly headers?: Record<string, string>;
  /** Never answers. */
  readonly isSilent?: boolean;
}

const REQUEST = estimateRequest({ title: 'Fix', body: '' }, 'mark', []);
const KEY = 'sk-test-0123456789';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server that speaks the Messages API and gives these replies in order, the last one for ever. */
async function startModel(replies: readonly Reply[], options: Partial<AnthropicLanguageModelOptions> = {}) {
  const requests: { url: string | undefined; headers: IncomingHttpHeaders; body: unknown }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? {};
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      requests.push({ url: request.url, headers: request.headers, body });
      if (reply.isSilent) return;
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(reply.text ?? JSON.stringify(reply.body ?? null));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const model = new AnthropicLanguageModel({ apiKey: KEY, baseUrl, maxRetries: 0, ...options });
  return { model, requests, baseUrl };
}

const message = (content: unknown, stop_reason = 'end_turn'): Reply => ({
  body: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content, stop_reason, usage: {} },
});
const failure = (status: number, type: string, text = 'no'): Reply => ({
  status,
  body: { type: 'error', error: { type, message: text } },
  headers: { 'retry-after-ms': '1' },
});

describe('AnthropicLanguageModel', () => {
  it('asks the Messages API for structured output and gives back the text', async () => {
    const { model, requests } = await startModel([
      message([
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'text', text: '{"a":' },
        { type: 'text', text: '1}' },
      ]),
    ]);

    const answer = await model.answer(REQUEST);

    expect(answer).toBe('{"a":1}');
    expect(requests).toMatchObject([
      {
        url: '/v1/messages',
        headers: { authorization: `Bearer ${KEY}` },
        body: {
          model: 'claude-sonnet-5-5',
          max_tokens: 8_192,
          system: REQUEST.system,
          messages: [{ role: 'user', content: REQUEST.turns[0]?.text }],
          output_config: { format: { type: 'json_schema', schema: MODEL_ESTIMATE_SCHEMA } },
        },
      },
    ]);
  });

  it('uses the model and the length it is given', async () => {
    const { model, requests } = await startModel([message([])], { model: 'own', maxOutputTokens: 100 });

    await model.answer(REQUEST);

    expect(model.name).toBe('own');
    expect(requests).toMatchObject([{ body: { model: 'own', max_tokens: 100 } }]);
  });

  it.each([
    ['max_tokens', 'PARSER_MODEL_ANSWER_CUT'],
    ['model_context_window_exceeded', 'PARSER_MODEL_ANSWER_CUT'],
    ['refusal', 'PARSER_MODEL_REFUSED'],
  ])('does not read an answer that stopped for %s', async (stop, code) => {
    const { model } = await startModel([message([{ type: 'text', text: '{}' }], stop)]);

    await expect(model.answer(REQUEST)).rejects.toMatchObject({ code });
  });

  it.each([[{ status: 'ok' }], ['<html>'], [{ content: 'text' }]])('refuses %j, which is no message', async (body) => {
    const { model, baseUrl } = await startModel([{ body }]);

    await expect(model.answer(REQUEST)).rejects.toMatchObject({
      code: 'PARSER_MODEL_ANSWER_INVALID',
      message: expect.stringContaining(`${new URL(baseUrl).host} did not answer with a message`),
    });
  });

  it.each([
    [400, 'invalid_request_error', 'PARSER_MODEL_REQUEST_INVALID'],
    [401, 'authentication_error', 'PARSER_MODEL_UNAUTHORIZED'],
    [403, 'permission_error', 'PARSER_MODEL_UNAUTHORIZED'],
    [404, 'not_found_error', 'PARSER_MODEL_REQUEST_INVALID'],
    [429, 'rate_limit_error', 'PARSER_MODEL_OVERLOADED'],
    [500, 'api_error', 'PARSER_MODEL_OVERLOADED'],
    [529, 'overloaded_error', 'PARSER_MODEL_OVERLOADED'],
  ])('tells an answer of %p apart', async (status, type, code) => {
    const { model, baseUrl } = await startModel([failure(status, type, 'because')]);

    await expect(model.answer(REQUEST)).rejects.toMatchObject({
      code,
      message: `claude-sonnet-5-5 at ${new URL(baseUrl).host} answered ${status} (${type}: because)`,
    });
  });

  it('repeats an attempt that may pass, as often as it is told', async () => {
    const overloaded = failure(529, 'overloaded_error');
    const { model, requests } = await startModel([overloaded, overloaded, message([])], { maxRetries: 2 });

    await expect(model.answer(REQUEST)).resolves.toBe('');
    expect(requests).toHaveLength(3);
  });

  it('says nothing of the answer but its status when it gives no reason', async () => {
    const { model } = await startModel([{ status: 418, body: {} }]);

    await expect(model.answer(REQUEST)).rejects.toThrow(/ answered 418$/);
  });

  it('never repeats the key, though the address does', async () => {
    const { model } = await startModel([failure(401, 'authentication_error', `wrong key ${KEY}`)]);

    const failed: unknown = await model.answer(REQUEST).catch((error: unknown) => error);

    expect(inspect(failed, { depth: 10 })).toContain('wrong key ***');
    expect(inspect(failed, { depth: 10 })).not.toContain(KEY);
  });

  it('says that an answer broke off which is no JSON', async () => {
    const { model } = await startModel([{ text: '{"content":[' }]);

    await expect(model.answer(REQUEST)).rejects.toMatchObject({ code: 'PARSER_MODEL_UNREACHABLE' });
  });

  it('gives up an attempt after its time', async () => {
    const { model } = await startModel([{ isSilent: true }], { timeoutMs: 20 });

    await expect(model.answer(REQUEST)).rejects.toMatchObject({
      code: 'PARSER_MODEL_UNREACHABLE',
      message: expect.stringContaining('did not answer in time'),
    });
  });

  it('says when the address cannot be reached', async () => {
    const model = new AnthropicLanguageModel({ apiKey: KEY, baseUrl: 'http://127.0.0.1:1', maxRetries: 0 });

    await expect(model.answer(REQUEST)).rejects.toMatchObject({
      code: 'PARSER_MODEL_UNREACHABLE',
      message: 'claude-sonnet-5-5 at 127.0.0.1:1 could not be reached or broke off',
    });
  });

  it.each([
    { options: { apiKey: ' ' }, sentence: 'The API key of the language model is empty' },
    { options: { apiKey: KEY, baseUrl: 'localhost:80' }, sentence: 'is no http or https address' },
    { options: { apiKey: KEY, baseUrl: 'http://' }, sentence: 'is no http or https address' },
    { options: { apiKey: KEY, baseUrl: 'ftp://host' }, sentence: 'is no http or https address' },
    { options: { apiKey: KEY, baseUrl: 'http://name@host' }, sentence: 'holds a user or a password' },
    { options: { apiKey: KEY, baseUrl: 'http://:word@host' }, sentence: 'holds a user or a password' },
  ])('refuses $options', ({ options, sentence }) => {
    expect(() => new AnthropicLanguageModel(options)).toThrow(
      expect.objectContaining({ code: 'PARSER_OPTIONS_INVALID', message: expect.stringContaining(sentence) }),
    );
  });

  it("is Anthropic's own address unless it is told another", () => {
    expect(new AnthropicLanguageModel({ apiKey: KEY })).toMatchObject({ host: 'api.anthropic.com' });
  });
});
