import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  answerJson,
  callTool,
  callTools,
  failWith,
  promptTooLong,
  refuse,
  runOutOfTokens,
  say,
  type ModelReply,
} from './model-reply.js';
import { ScriptedModelServer, type ModelRule, type ScriptedModelServerOptions } from './scripted-model-server.js';

type Wire = Readonly<Record<string, unknown>>;

/** As Codex sent it: the prompt after one that was interrupted in its command. Long texts are cut. */
const RECORDED = readFileSync(
  new URL('../../../test/fixtures/model-requests/codex-0.166.json', import.meta.url),
  'utf8',
);

const started: ScriptedModelServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(rules: readonly ModelRule[], options: Omit<ScriptedModelServerOptions, 'rules'> = {}) {
  const server = new ScriptedModelServer({ rules, ...options });
  started.push(server);
  const url = await server.start();
  const post = (body: unknown, headers: Record<string, string> = {}, path = '/v1/responses') =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    });
  return { server, post };
}

const always = (reply: ModelRule['reply']): ModelRule => ({ when: () => true, reply });
const ask = (input: unknown, rest: Wire = {}) => ({ model: 'm', input, ...rest });

async function eventsOf(response: Response): Promise<Wire[]> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
  return frames.map((frame) => {
    const [event, data] = frame.split('\n');
    const read = JSON.parse(String(data).replace(/^data: /, '')) as Wire;
    expect(event).toBe(`event: ${String(read['type'])}`);
    return read;
  });
}

describe('the Responses API of the scripted model', () => {
  it('reads what Codex sends: its surroundings apart from what is asked', async () => {
    const { server, post } = await start([always(say('Fine.'))]);

    const response = await post(RECORDED);

    expect(response.status).toBe(200);
    expect(server.requests[0]?.conversation).toMatchObject({
      model: 'gpt-5-codex',
      firstPrompt: 'Do it. [go]',
      lastPrompt: 'Second. [more]',
      toolResults: [],
      stepsSincePrompt: 0,
      toolNames: expect.arrayContaining(['exec_command', 'multi_agent_v1']),
      isStreaming: true,
      outputSchema: null,
      request: JSON.parse(RECORDED),
    });
    const { system } = server.requests[0]?.conversation ?? { system: '' };
    for (const told of ['You are a coding agent', 'Be good.', '<environment_context>', '<turn_aborted>']) {
      expect(system).toContain(told);
    }
    expect(server.requests[0]?.conversation.mentions('[go]')).toBe(true);
  });

  it('reads the results of tools, with the call of each, and counts the answers', async () => {
    const { server, post } = await start([always(say('Fine.'))]);

    await post(
      ask([
        { role: 'system', content: 'Be short.' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'go' }, { type: 'input_image' }] },
        { type: 'reasoning', summary: [] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Look.' }] },
        { type: 'function_call', call_id: 'a', name: 'shell', arguments: '{"cmd":"ls"}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'apply_patch', input: '*** Begin' },
        { type: 'function_call', call_id: 'c', name: 'list', arguments: '[]' },
        { type: 'function_call_output', call_id: 'a', output: 'one.txt' },
        { type: 'custom_tool_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'Applied' }] },
        { type: 'function_call_output', call_id: 'c', output: '' },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'No more.' }] },
      ]),
    );

    expect(server.requests[0]?.conversation).toMatchObject({
      system: 'Be short.',
      firstPrompt: 'go',
      lastPrompt: 'go',
      stepsSincePrompt: 2,
      toolResults: [
        { tool: 'shell', input: { cmd: 'ls' }, text: 'one.txt', isError: false },
        { tool: 'apply_patch', input: { input: '*** Begin' }, text: 'Applied', isError: false },
        { tool: 'list', input: {}, text: '', isError: false },
      ],
      isStreaming: false,
    });
  });

  it('reads a plain text, instructions, and the schema of an answer', async () => {
    const { server, post } = await start([always(answerJson({ a: 1 }))]);
    const format = { type: 'json_schema', name: 'x', schema: { type: 'object' } };

    const answer = (await (await post(ask('hello', { instructions: 'Be short.', text: { format } }))).json()) as Wire;
    await post(ask('hello', { text: { format: { type: 'text' } } }));

    expect(server.requests[0]?.conversation).toMatchObject({
      system: 'Be short.',
      lastPrompt: 'hello',
      outputSchema: { type: 'object' },
    });
    expect(server.requests[1]?.conversation.outputSchema).toBeNull();
    expect(answer['output']).toMatchObject([{ type: 'message', content: [{ type: 'output_text', text: '{"a":1}' }] }]);
  });

  it.each<[string, ModelReply]>([
    ['text', say('A longer text, so that it comes in more than one delta. Grüße! 🙂')],
    ['a tool call', callTool('shell', { cmd: 'ls -la /a/long/path/of/some/folder' }, { text: 'Look.' })],
    [
      'two tool calls',
      callTools([
        { name: 'shell', input: { cmd: 'ls' } },
        { name: 'read', input: {} },
      ]),
    ],
    ['thinking', { kind: 'message', content: [{ type: 'thinking', thinking: 'Hm. '.repeat(20) }], stop: 'end_turn' }],
    ['a refusal', refuse('I would rather not.')],
    ['the limit of output', runOutOfTokens('And then')],
  ])('says the same in a stream and at once: %s', async (_title, reply) => {
    const { post } = await start([always(reply)]);

    const events = await eventsOf(await post(ask('go', { stream: true })));
    const whole = (await (await post(ask('go'))).json()) as Wire;

    const withoutIds = (content: unknown) => JSON.stringify(content).replaceAll(/_\d{4}/g, '');
    const last = events.at(-1) ?? {};
    expect(last['type']).toBe(`response.${String(whole['status'])}`);
    expect(withoutIds(last['response'])).toBe(withoutIds(whole));
    expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_event, index) => index));
    const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
    expect(withoutIds(done)).toBe(withoutIds(whole['output']));
    const text = (given: readonly unknown[]) => given.filter((part) => typeof part === 'string').join('');
    const ends = events.filter(({ type }) => /[a-z]_(text|arguments)\.done$|refusal\.done$/.test(String(type)));
    const whatWasSaid = text(ends.flatMap((event) => [event['text'], event['refusal'], event['arguments']]));
    expect(text(events.map((event) => event['delta']))).toBe(whatWasSaid);
  });

  it('begins a stream with the answer that is to come, and says of each item where it stands', async () => {
    const { post } = await start([always(callTool('shell', { cmd: 'ls' }, { text: 'Look.' }))]);

    const events = await eventsOf(await post(ask('go', { stream: true })));

    expect(events.map((event) => event['type'])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events[0]).toMatchObject({ response: { id: 'resp_0001', status: 'in_progress', output: [], usage: null } });
    expect(events[8]).toMatchObject({
      output_index: 1,
      item: { type: 'function_call', call_id: 'call_0001_1', name: 'shell', arguments: '', status: 'in_progress' },
    });
    expect(events[11]).toMatchObject({ item: { arguments: '{"cmd":"ls"}', status: 'completed' } });
  });

  it('says that an answer is not whole, and of a refusal that it is one', async () => {
    const { post } = await start([
      { when: (c) => c.mentions('long'), reply: runOutOfTokens('And then') },
      always(refuse('No.')),
    ]);

    expect(await (await post(ask('long'))).json()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
    expect(await (await post(ask('bad'))).json()).toMatchObject({
      status: 'completed',
      incomplete_details: null,
      output: [{ content: [{ type: 'refusal', refusal: 'No.' }] }],
    });
  });

  it('counts what was read from the cache as a part of the input, and can leave usage out', async () => {
    const usage = { inputTokens: 5, cacheReadTokens: 90, cacheWriteTokens: 7, outputTokens: 3 };
    const { post } = await start([
      { when: (c) => c.mentions('told'), reply: say('x', { usage }) },
      { when: (c) => c.mentions('not'), reply: say('x', { usage: null }) },
      always(say('x')),
    ]);

    const usageOf = async (input: string) => ((await (await post(ask(input))).json()) as Wire)['usage'];

    expect(await usageOf('told')).toEqual({
      input_tokens: 102,
      input_tokens_details: { cached_tokens: 90 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 105,
    });
    expect(await usageOf('not')).toBeNull();
    expect(await usageOf('x'.repeat(400))).toMatchObject({ input_tokens: expect.any(Number) });
  });

  it.each([
    [failWith(400), 400, { type: 'invalid_request_error', code: null }],
    [failWith(401), 401, { type: 'invalid_request_error', code: 'invalid_api_key' }],
    [failWith(429), 429, { type: 'requests', code: 'rate_limit_exceeded' }],
    [failWith(429, { type: 'insufficient_quota' }), 429, { type: 'insufficient_quota', code: 'insufficient_quota' }],
    [failWith(500), 500, { type: 'server_error', code: 'server_error' }],
    [failWith(529), 503, { type: 'server_error', code: 'server_is_overloaded' }],
    [promptTooLong(9, 8), 400, { code: 'context_length_exceeded', message: expect.stringContaining('context window') }],
  ])('fails as the API does, at once and in a stream that began well: %j', async (failure, status, error) => {
    const { post } = await start([
      { when: (c) => c.mentions('inside'), reply: { ...failure, isInsideStream: true } },
      always(failure),
    ]);

    const refused = await post(ask('go', { stream: true }));
    const events = await eventsOf(await post(ask('inside', { stream: true })));

    expect(refused.status).toBe(status);
    expect(await refused.json()).toEqual({ error: expect.objectContaining({ param: null, ...error }) });
    expect(events.map((event) => event['type'])).toEqual(['response.created', 'response.failed']);
    const { code } = error;
    expect(events[1]).toMatchObject({ response: { status: 'failed', error: { code: code ?? 'invalid_prompt' } } });
  });

  it('says how long to wait', async () => {
    const { post } = await start([always(failWith(429, { retryAfterSeconds: 7 }))]);

    expect((await post(ask('go'))).headers.get('retry-after')).toBe('7');
  });

  it('cuts an answer off, streamed or not', async () => {
    const { post } = await start([always(say('x'.repeat(200), { isCut: true }))]);

    await expect(post(ask('go')).then((response) => response.text())).rejects.toThrow('terminated');
    await expect(post(ask('go', { stream: true })).then((response) => response.text())).rejects.toThrow('terminated');
  });

  it('asks for its key, counts tokens, and knows no other path', async () => {
    const { server, post } = await start([always(say('x'))], { apiKey: 'key-1', countTokens: () => 42 });
    const key = { authorization: 'Bearer key-1' };

    const refused = await post(ask('go'));
    const counted = await post(ask('go'), key, '/v1/responses/input_tokens');

    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(await counted.json()).toEqual({ object: 'response.input_tokens', input_tokens: 42 });
    expect((await post(ask('go'), key)).status).toBe(200);
    expect((await post(ask('go'), key, '/v1/responses/compact')).status).toBe(404);
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'could not parse the JSON'],
    ['no model', { input: 'x' }, "'model'"],
    ['no input', { model: 'm' }, "'input'"],
    ['what it stored', ask('x', { previous_response_id: 'resp_1' }), "'resp_1' not found"],
    ['a stranger', ask([{ role: 'robot', content: 'x' }]), "'robot'"],
    ['an answer as a question', ask([{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }]), "'input_text'"],
    ['a question as an answer', ask([{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }]), 'refusal'],
    [
      'a call without an output',
      ask([
        { type: 'function_call', call_id: 'a', name: 'x', arguments: '{}' },
        { role: 'user', content: 'go' },
      ]),
      'No tool output found for function call a.',
    ],
    ['an output without a call', ask([{ type: 'function_call_output', call_id: 'b', output: '' }]), 'call_id b.'],
  ])('refuses %s as the API does', async (_title, body, sentence) => {
    const { server, post } = await start([always(say('x'))]);

    const response = await post(body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining(sentence) },
    });
    expect(server.requests).toEqual([]);
  });
});
