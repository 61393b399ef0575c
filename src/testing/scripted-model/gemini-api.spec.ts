import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  answerJson,
  callTool,
  failWith,
  promptTooLong,
  refuse,
  runOutOfTokens,
  say,
  type ModelReply,
} from './model-reply.js';
import { ScriptedModelServer, type ModelRule, type ScriptedModelServerOptions } from './scripted-model-server.js';

type Wire = Readonly<Record<string, unknown>>;

/** As Gemini CLI sent it, after a command. Long texts are cut. */
const RECORDED = readFileSync(
  new URL('../../../test/fixtures/model-requests/gemini-cli-0.61.json', import.meta.url),
  'utf8',
);
const MODEL = '/v1beta/models/gemini-2.5-pro';
const GENERATE = `${MODEL}:generateContent`;
const STREAM = `${MODEL}:streamGenerateContent?alt=sse`;

const started: ScriptedModelServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(rules: readonly ModelRule[], options: Omit<ScriptedModelServerOptions, 'rules'> = {}) {
  const server = new ScriptedModelServer({ rules, ...options });
  started.push(server);
  const url = await server.start();
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    });
  return { server, post };
}

const always = (reply: ModelRule['reply']): ModelRule => ({ when: () => true, reply });
const user = (...parts: Wire[]) => ({ role: 'user', parts });
const model = (...parts: Wire[]) => ({ role: 'model', parts });
const ask = (text: string, rest: Wire = {}) => ({ contents: [user({ text })], ...rest });
const call = (name: string, args: Wire = {}) => ({ functionCall: { name, args } });
const answer = (name: string, response: unknown) => ({ functionResponse: { name, response } });

async function chunksOf(response: Response): Promise<Wire[]> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame) => JSON.parse(frame.replace(/^data: /, '')) as Wire);
}

interface Candidate {
  readonly content: { readonly parts: readonly Wire[] };
  readonly finishReason?: string;
}

const candidateOf = (chunk: Wire) => (chunk['candidates'] as readonly Candidate[])[0];
/** The parts of a stream, put together as a client does. */
function joined(chunks: readonly Wire[]): Wire[] {
  const all: Wire[] = [];
  for (const part of chunks.flatMap((chunk) => candidateOf(chunk)?.content.parts ?? [])) {
    const last = all.at(-1);
    const isMore = typeof part['text'] === 'string' && typeof last?.['text'] === 'string';
    if (part['text'] === '') continue;
    if (isMore && last['thought'] === part['thought'])
      all[all.length - 1] = { ...last, text: `${String(last['text'])}${String(part['text'])}` };
    else all.push(part);
  }
  return all;
}

describe('the Gemini API of the scripted model', () => {
  it('reads what Gemini CLI sends: its surroundings apart from what is asked', async () => {
    const { server, post } = await start([always(say('Fine.'))]);

    const response = await post(STREAM, RECORDED);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(server.requests[0]).toMatchObject({
      path: `${MODEL}:streamGenerateContent`,
      conversation: {
        model: 'gemini-2.5-pro',
        firstPrompt: 'Do it. [go]',
        lastPrompt: 'Do it. [go]',
        stepsSincePrompt: 1,
        toolResults: [
          {
            tool: 'run_shell_command',
            input: { command: 'touch x; echo hi' },
            text: expect.stringContaining('Output: hi'),
            isError: false,
          },
        ],
        toolNames: ['write_file', 'run_shell_command'],
        isStreaming: true,
        outputSchema: null,
        request: JSON.parse(RECORDED),
      },
    });
    const { system } = server.requests[0]?.conversation ?? { system: '' };
    expect(system).toMatch(/^You are an interactive CLI agent[^]*<session_context>/);
  });

  it('reads several results of one answer, in their order, and which of them failed', async () => {
    const { server, post } = await start([always(say('Fine.'))]);
    const contents = [
      { parts: [{ text: 'go' }] },
      model(
        { text: 'Hm.', thought: true },
        { text: 'Look.' },
        call('read', { path: 'a' }),
        call('read', { path: 'b' }),
      ),
      user(answer('read', { error: 'There is none' }), answer('read', { rows: 2 })),
      model({ text: 'And' }),
      model(call('list')),
      user(answer('list', undefined)),
    ];

    await post(GENERATE, { contents });

    expect(server.requests[0]?.conversation).toMatchObject({
      lastPrompt: 'go',
      stepsSincePrompt: 2,
      isStreaming: false,
      toolResults: [
        { tool: 'read', input: { path: 'a' }, text: 'There is none', isError: true },
        { tool: 'read', input: { path: 'b' }, text: '{"rows":2}', isError: false },
        { tool: 'list', input: {}, text: '""', isError: false },
      ],
    });
    expect(server.requests[0]?.conversation.mentions('Hm.')).toBe(false);
  });

  it.each(['responseSchema', 'responseJsonSchema'])('reads the schema of an answer from %s', async (name) => {
    const { server, post } = await start([always(answerJson({ a: 1 }))]);

    const given = await post(GENERATE, ask('go', { generationConfig: { [name]: { type: 'object' } } }));

    expect(server.requests[0]?.conversation.outputSchema).toEqual({ type: 'object' });
    expect(candidateOf((await given.json()) as Wire)?.content.parts).toEqual([{ text: '{"a":1}' }]);
  });

  it.each<[string, ModelReply, string]>([
    ['text', say('A longer text, so that it comes in more than one chunk. Grüße! 🙂'), 'STOP'],
    ['a tool call', callTool('run_shell_command', { command: 'ls' }, { text: 'Look.' }), 'STOP'],
    [
      'thinking',
      {
        kind: 'message',
        content: [
          { type: 'thinking', thinking: 'Hm. '.repeat(20) },
          { type: 'text', text: 'So.' },
        ],
        stop: 'end_turn',
      },
      'STOP',
    ],
    ['a refusal', refuse(), 'SAFETY'],
    ['the limit of output', runOutOfTokens('And then'), 'MAX_TOKENS'],
  ])('says the same in a stream and at once: %s', async (_title, reply, reason) => {
    const { post } = await start([always(reply)]);

    const chunks = await chunksOf(await post(STREAM, ask('go')));
    const whole = (await (await post(GENERATE, ask('go'))).json()) as Wire;

    expect(joined(chunks)).toEqual(candidateOf(whole)?.content.parts);
    expect(candidateOf(whole)?.finishReason).toBe(reason);
    expect(chunks.map((chunk) => candidateOf(chunk)?.finishReason).filter((given) => given !== undefined)).toEqual([
      reason,
    ]);
    expect(chunks.at(-1)?.['usageMetadata']).toEqual(whole['usageMetadata']);
    expect(whole['modelVersion']).toBe('gemini-2.5-pro');
  });

  it('counts what was read from the cache as a part of the prompt, and can leave usage out', async () => {
    const usage = { inputTokens: 5, cacheReadTokens: 90, cacheWriteTokens: 7, outputTokens: 3 };
    const { post } = await start([
      { when: (c) => c.mentions('told'), reply: say('x', { usage }) },
      { when: (c) => c.mentions('plain'), reply: say('x', { usage: { inputTokens: 5, outputTokens: 3 } }) },
      always(say('x', { usage: null })),
    ]);

    const usageOf = async (text: string) => ((await (await post(GENERATE, ask(text))).json()) as Wire)['usageMetadata'];

    expect(await usageOf('told')).toEqual({
      promptTokenCount: 102,
      candidatesTokenCount: 3,
      totalTokenCount: 105,
      cachedContentTokenCount: 90,
    });
    expect(await usageOf('plain')).toEqual({ promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 });
    expect(await usageOf('not')).toBeUndefined();
  });

  it.each([
    [failWith(400), 400, 'INVALID_ARGUMENT', 'Scripted'],
    [failWith(403), 403, 'PERMISSION_DENIED', 'Scripted'],
    [failWith(429), 429, 'RESOURCE_EXHAUSTED', 'Scripted'],
    [failWith(500), 500, 'INTERNAL', 'Scripted'],
    [failWith(529), 503, 'UNAVAILABLE', 'Scripted'],
    [promptTooLong(9, 8), 400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds'],
  ])('fails as the API does, at once and inside a stream: %j', async (failure, status, name, words) => {
    const { post } = await start([
      { when: (c) => c.mentions('inside'), reply: { ...failure, isInsideStream: true } },
      always(failure),
    ]);
    const error = { code: status, status: name, message: expect.stringContaining(words) };

    const refused = await post(STREAM, ask('go'));

    expect(refused.status).toBe(status);
    expect(await refused.json()).toEqual({ error });
    const inside = await post(STREAM, ask('inside'));
    expect(inside.status).toBe(200);
    expect(await chunksOf(inside)).toEqual([{ error }]);
  });

  it('says how long to wait in the body, and not in a header', async () => {
    const { post } = await start([always(failWith(429, { retryAfterSeconds: 7 }))]);

    const response = await post(GENERATE, ask('go'));

    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }] },
    });
  });

  it('cuts an answer off', async () => {
    const { post } = await start([always(say('x'.repeat(200), { isCut: true }))]);

    await expect(post(STREAM, ask('go')).then((response) => response.text())).rejects.toThrow('terminated');
  });

  it('asks for its key in a header or in the address, with 400 where it is another', async () => {
    const { post } = await start([always(say('x'))], { apiKey: 'key-1' });

    const refused = await post(GENERATE, ask('go'), { 'x-goog-api-key': 'key-2' });

    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining('API key not valid') } });
    expect((await post(GENERATE, ask('go'))).status).toBe(400);
    expect((await post(GENERATE, ask('go'), { 'x-goog-api-key': 'key-1' })).status).toBe(200);
    expect((await post(`${GENERATE}?key=key-1`, ask('go'))).status).toBe(200);
  });

  it('counts tokens, of contents alone and of a whole request, and can lack the endpoint', async () => {
    const { server, post } = await start([], { countTokens: (c) => c.firstPrompt.length });
    const { post: without } = await start([], { countTokens: null });
    const path = `${MODEL}:countTokens`;

    expect(await (await post(path, ask('four'))).json()).toEqual({ totalTokens: 4 });
    expect(await (await post(path, { generateContentRequest: ask('more') })).json()).toEqual({ totalTokens: 4 });
    expect((await without(path, ask('four'))).status).toBe(404);
    expect(server.requests).toEqual([]);
  });

  it('decodes the name of a model, and knows no other path', async () => {
    const { server, post } = await start([always(say('x'))]);

    await post('/v1beta/models/tuned%20one:generateContent', ask('go'));

    expect(server.requests[0]?.conversation.model).toBe('tuned one');
    expect((await post(`${MODEL}:embedContent`, ask('go'))).status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'Invalid JSON'],
    ['no contents', {}, 'contents is not specified'],
    ['a stranger', { contents: [{ role: 'robot', parts: [{ text: 'x' }] }] }, 'valid role'],
    ['no parts', { contents: [user()] }, 'contents[0].parts'],
    [
      'a call without an answer',
      { contents: [user({ text: 'go' }), model(call('a')), user({ text: 'x' })] },
      'number of',
    ],
    ['an answer without a call', { contents: [user(answer('a', {}))] }, 'number of function response parts'],
    ['a call at the end', { contents: [user({ text: 'go' }), model(call('a'))] }, 'immediately after'],
  ])('refuses %s as the API does', async (_title, body, sentence) => {
    const { server, post } = await start([always(say('x'))]);

    const response = await post(GENERATE, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining(sentence) },
    });
    expect(server.requests).toEqual([]);
  });

  it('streams events alone', async () => {
    const { post } = await start([always(say('x'))]);

    const response = await post(`${MODEL}:streamGenerateContent`, ask('go'));

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('alt=sse');
  });
});
