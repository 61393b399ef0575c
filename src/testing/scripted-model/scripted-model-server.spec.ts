import Anthropic from '@anthropic-ai/sdk';
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
import { stepsRule } from './steps-rule.js';

const started: ScriptedModelServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(rules: readonly ModelRule[], options: Omit<ScriptedModelServerOptions, 'rules'> = {}) {
  const server = new ScriptedModelServer({ rules, ...options });
  started.push(server);
  const url = await server.start();
  const client = new Anthropic({ apiKey: 'key-1', baseURL: url, maxRetries: 0, logLevel: 'off' });
  return { server, client, url };
}

const always = (reply: ModelRule['reply']): ModelRule => ({ when: () => true, reply });
const ask = (content: string) => ({ model: 'm', max_tokens: 100, messages: [{ role: 'user' as const, content }] });

/** Sends bytes the SDK would not send. */
function post(url: string, body: string, headers: Record<string, string> = { 'anthropic-version': '2023-06-01' }) {
  return fetch(url, { method: 'POST', body, headers });
}

describe('ScriptedModelServer', () => {
  it('answers a plain request with the first rule that fits', async () => {
    const { client, server } = await start([
      { name: 'tea', when: (c) => c.mentions('tea'), reply: say('Tea it is.') },
      { name: 'rest', when: () => true, reply: say('Something else.') },
    ]);

    const message = await client.messages.create(ask('one tea'));

    expect(message.content).toEqual([{ type: 'text', text: 'Tea it is.' }]);
    expect(message.stop_reason).toBe('end_turn');
    expect(server.requests.map((request) => request.rule)).toEqual(['tea']);
  });

  it.each<[string, ModelReply]>([
    ['text', say('A longer text, so that it comes in more than one delta. Grüße! 🙂')],
    [
      'tool calls',
      callTools(
        [
          { name: 'bash', input: { command: 'ls' } },
          { name: 'read', input: {} },
        ],
        { text: 'Look.' },
      ),
    ],
    ['thinking', { kind: 'message', content: [{ type: 'thinking', thinking: 'Hm. '.repeat(20) }], stop: 'end_turn' }],
    ['a refusal', refuse()],
    ['a refusal with words', refuse('I would rather not.')],
    ['the limit of output', runOutOfTokens('And then')],
  ])('says the same in a stream and at once: %s', async (_title, reply) => {
    const { client } = await start([always(reply)]);

    const streamed = await client.messages.stream(ask('go')).finalMessage();
    const { id: _id, ...plain } = await client.messages.create(ask('go'));

    const withoutIds = (content: unknown) => JSON.stringify(content).replaceAll(/(toolu|signature)_\d+/g, '$1');
    expect(streamed).toMatchObject({ stop_reason: plain.stop_reason, model: 'm', usage: plain.usage });
    expect(withoutIds(streamed.content)).toBe(withoutIds(plain.content));
  });

  it('reports the usage it is told, and an estimate of what it is not told', async () => {
    const { client } = await start([
      {
        when: (c) => c.mentions('told'),
        reply: say('x', { usage: { inputTokens: 5, cacheReadTokens: 90, cacheWriteTokens: 7, outputTokens: 3 } }),
      },
      always(say('four characters a token')),
    ]);

    const told = await client.messages.create(ask('told'));
    const estimated = await client.messages.create(ask('x'.repeat(400)));

    expect(told.usage).toEqual({
      input_tokens: 5,
      cache_read_input_tokens: 90,
      cache_creation_input_tokens: 7,
      output_tokens: 3,
    });
    expect(estimated.usage.input_tokens).toBeGreaterThan(100);
    expect(estimated.usage.input_tokens).toBeLessThan(130);
    expect(estimated.usage.output_tokens).toBeGreaterThan(5);
  });

  it('leaves usage out when it is told to', async () => {
    const { client, url } = await start([always(say('x', { usage: null }))]);

    const message = await client.messages.create(ask('go'));
    const stream = await (await post(`${url}/v1/messages`, JSON.stringify({ ...ask('go'), stream: true }))).text();

    expect(message).not.toHaveProperty('usage');
    expect(stream).toContain('message_stop');
    expect(stream).not.toContain('usage');
  });

  it('works through the steps of a prompt by what the conversation holds', async () => {
    const { client } = await start([
      stepsRule({
        when: (c) => c.lastPrompt === 'fix it',
        steps: [callTool('bash', { command: 'ls' }), (c) => say(`I saw ${c.toolResults[0]?.text}`)],
      }),
    ]);
    const first = await client.messages.create(ask('fix it'));
    const call = first.content[0] as Anthropic.ToolUseBlock;
    const history: Anthropic.MessageParam[] = [
      { role: 'user', content: 'fix it' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sum.js' }] },
    ];

    const second = await client.messages.create({ ...ask(''), messages: history });
    const third = await client.messages.create({
      ...ask(''),
      messages: [...history, { role: 'assistant', content: second.content }, { role: 'user', content: 'fix it' }],
    });
    const beyond = await client.messages.create({
      ...ask(''),
      messages: [...history, { role: 'assistant', content: second.content }],
    });

    expect(call).toMatchObject({ name: 'bash', input: { command: 'ls' } });
    expect(second.content).toEqual([{ type: 'text', text: 'I saw sum.js' }]);
    expect(third.stop_reason).toBe('tool_use');
    expect(beyond.content).toEqual([{ type: 'text', text: 'Done.' }]);
  });

  it('shows a rule the instructions, the prompts, the tools and the results since the prompt', async () => {
    const { client, server } = await start([always(say('x'))]);

    await client.messages.create({
      ...ask(''),
      system: [{ type: 'text', text: 'Be brief.' }],
      tools: [{ name: 'bash', input_schema: { type: 'object' } }],
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'bash', input: { command: 'a' } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: 'old' },
            { type: 'text', text: 'second' },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't2', name: 'bash', input: 'broken' }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't2', is_error: true, content: [{ type: 'text', text: 'new' }] },
          ],
        },
      ],
    });

    const conversation = server.requests[0]?.conversation;
    expect(conversation).toMatchObject({
      model: 'm',
      system: 'Be brief.',
      firstPrompt: 'first',
      lastPrompt: 'second',
      stepsSincePrompt: 1,
      toolResults: [{ tool: 'bash', input: {}, text: 'new', isError: true }],
      toolNames: ['bash'],
      outputSchema: { type: 'object' },
      isStreaming: false,
    });
    expect(conversation?.mentions('Be brief')).toBe(true);
    expect(conversation?.mentions(/^sec/m)).toBe(true);
    expect(conversation?.mentions('new')).toBe(false);
  });

  it('does not take for a prompt what an agent adds of its own accord', async () => {
    const { url, server } = await start([always(say('Seen.'))]);
    const reminder = { type: 'text', text: '<system-reminder>\nBe brief.\n</system-reminder>' };
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'fix it' }, reminder] },
      { role: 'system', content: 'The folder is /work.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'bash', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'ok' }, reminder] },
    ];

    const response = await post(`${url}/v1/messages`, JSON.stringify({ model: 'm', messages }));

    expect(response.status).toBe(200);
    expect(server.requests[0]?.conversation).toMatchObject({ lastPrompt: 'fix it', stepsSincePrompt: 1 });
  });

  it('takes a prompt without words for an empty one', async () => {
    const { url, server } = await start([always(say('Seen.'))]);

    const response = await post(
      `${url}/v1/messages`,
      '{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}',
    );

    expect(response.status).toBe(200);
    expect(server.requests[0]?.conversation).toMatchObject({ firstPrompt: '', lastPrompt: '', stepsSincePrompt: 0 });
  });

  it('answers JSON to a request with a schema', async () => {
    const { client } = await start([
      { when: (c) => c.outputSchema !== null, reply: answerJson({ difficulty: 'easy' }) },
    ]);

    const message = await client.messages.create({
      ...ask('how hard?'),
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });

    expect(message.content).toEqual([{ type: 'text', text: '{"difficulty":"easy"}' }]);
  });

  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [529, 'overloaded_error'],
  ])('fails with %i as the API does', async (status, type) => {
    const { client } = await start([always(failWith(status))]);

    await expect(client.messages.create(ask('go'))).rejects.toMatchObject({ status, type });
  });

  it('says how long to wait, and that a prompt is too long, in the words of the API', async () => {
    const { client } = await start([
      { when: (c) => c.mentions('busy'), reply: failWith(429, { retryAfterSeconds: 7 }) },
      always(promptTooLong(205_000, 200_000)),
    ]);

    await expect(client.messages.create(ask('busy'))).rejects.toMatchObject({ status: 429 });
    await expect(client.messages.create(ask('long'))).rejects.toThrow(
      'prompt is too long: 205000 tokens > 200000 maximum',
    );
  });

  it('lets a rule answer a number of times only', async () => {
    const { client } = await start([{ ...always(failWith(529)), times: 1 }, always(say('There.'))]);

    await expect(client.messages.create(ask('go'))).rejects.toMatchObject({ status: 529 });
    await expect(client.messages.create(ask('go'))).resolves.toMatchObject({ stop_reason: 'end_turn' });
  });

  it('fails inside a stream that began well', async () => {
    const { client } = await start([always(failWith(529, { isInsideStream: true }))]);

    await expect(client.messages.stream(ask('go')).finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
    await expect(client.messages.create(ask('go'))).rejects.toMatchObject({ status: 529 });
  });

  it('cuts an answer off, streamed or not', async () => {
    const { client } = await start([always(say('never whole', { isCut: true }))]);

    await expect(client.messages.stream(ask('go')).finalMessage()).rejects.toHaveProperty('message');
    await expect(client.messages.create(ask('go'))).rejects.toHaveProperty('message');
  });

  it('waits inside a stream until it is let go', async () => {
    let letGo = (): void => undefined;
    const pausedUntil = new Promise<void>((resolve) => (letGo = resolve));
    const { client } = await start([always(say('at last', { pausedUntil }))]);
    const stream = client.messages.stream(ask('go'));

    const first = await new Promise<string>((resolve) => stream.once('streamEvent', (event) => resolve(event.type)));
    letGo();

    expect(first).toBe('message_start');
    await expect(stream.finalText()).resolves.toBe('at last');
  });

  it('waits with its answer as long as a rule does, and tells that it was asked', async () => {
    let answer = (_reply: ModelReply): void => undefined;
    const { client, server } = await start([always(() => new Promise<ModelReply>((resolve) => (answer = resolve)))]);
    const asked = client.messages.create(ask('go'));

    await server.received(1);
    answer(say('now'));

    await expect(asked).resolves.toMatchObject({ content: [{ text: 'now' }] });
  });

  it('lets a client leave before the answer', async () => {
    let answer = (_reply: ModelReply): void => undefined;
    const { client, server } = await start([always(() => new Promise<ModelReply>((resolve) => (answer = resolve)))]);
    const leaving = new AbortController();
    const asked = client.messages.create(ask('go'), { signal: leaving.signal });
    await server.received(1);

    leaving.abort();
    await expect(asked).rejects.toHaveProperty('message');
    await server.stop();
    answer(say('nobody listens'));

    expect(server.unanswered).toEqual([]);
  });

  it('refuses what no rule fits, and keeps a list of it', async () => {
    const { client, server } = await start([]);

    await expect(client.messages.create(ask('surprise'))).rejects.toThrow('No rule fits the prompt \\"surprise\\"');
    expect(server.unanswered).toEqual(['No rule fits the prompt "surprise"']);
  });

  it('lists a rule that fails, and one whose condition fails', async () => {
    const failing = () => {
      throw new Error('out of ideas');
    };
    const { client, server } = await start([
      { name: 'bad', when: (c) => c.mentions('a'), reply: failing },
      { when: (c) => c.mentions('b'), reply: failing },
      { when: failing, reply: say('x') },
    ]);

    await expect(client.messages.create(ask('a'))).rejects.toMatchObject({ status: 400 });
    await expect(client.messages.create(ask('b'))).rejects.toMatchObject({ status: 400 });
    await expect(client.messages.create(ask('c'))).rejects.toHaveProperty('message');

    expect(server.unanswered).toEqual([
      'The rule bad failed: out of ideas',
      'The rule without a name failed: out of ideas',
      'A request could not be answered: out of ideas',
    ]);
  });

  it('counts tokens, by default and as told, and can lack the endpoint', async () => {
    const usual = await start([]);
    const told = await start([], { countTokens: () => 12_345 });
    const lacking = await start([], { countTokens: null });
    const given = { model: 'm', messages: ask('hello there').messages };

    await expect(usual.client.messages.countTokens(given)).resolves.toMatchObject({ input_tokens: expect.any(Number) });
    await expect(told.client.messages.countTokens(given)).resolves.toEqual({ input_tokens: 12_345 });
    await expect(lacking.client.messages.countTokens(given)).rejects.toMatchObject({ status: 404 });
    expect(told.server.requests).toEqual([]);
  });

  it('asks for its key, as a header of the API or a bearer token', async () => {
    const { client, url } = await start([always(say('in'))], { apiKey: 'key-1' });
    const bearer = new Anthropic({ authToken: 'key-1', baseURL: url, maxRetries: 0 });
    const wrong = new Anthropic({ apiKey: 'key-2', baseURL: url, maxRetries: 0 });

    await expect(client.messages.create(ask('go'))).resolves.toBeDefined();
    await expect(bearer.messages.create(ask('go'))).resolves.toBeDefined();
    await expect(wrong.messages.create(ask('go'))).rejects.toMatchObject({ status: 401 });
  });

  it('asks for a version header, and knows two paths', async () => {
    const { url } = await start([]);

    const withoutVersion = await post(`${url}/v1/messages`, '{}', {});
    const elsewhere = await post(`${url}/v1/models`, '{}');
    const get = await fetch(`${url}/v1/messages`, { headers: { 'anthropic-version': '2023-06-01' } });

    expect([withoutVersion.status, elsewhere.status, get.status]).toEqual([400, 404, 404]);
  });

  it.each([
    ['no JSON', '{', 'not a JSON object'],
    ['a list', '[]', 'not a JSON object'],
    ['no model', '{"messages":[]}', 'model: Field required'],
    ['no messages', '{"model":"m"}', 'at least one message'],
    ['an answer first', '{"model":"m","messages":[{"role":"assistant","content":"a"}]}', 'must use the user role'],
    [
      'a stranger',
      '{"model":"m","messages":[{"role":"user","content":"a"},{"role":"me","content":"a"}]}',
      'messages.1',
    ],
    ['something else as a message', '{"model":"m","messages":[7]}', 'messages.0'],
    ['no content', '{"model":"m","messages":[{"role":"user","content":[]}]}', 'non-empty content'],
    ['content of another type', '{"model":"m","messages":[{"role":"user","content":7}]}', 'non-empty content'],
    ['empty text', '{"model":"m","messages":[{"role":"user","content":""}]}', 'text content blocks must be non-empty'],
    [
      'a result that nobody asked for',
      '{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t9"}]}]}',
      'unexpected `tool_use_id` found in `tool_result` blocks: t9',
    ],
    [
      'a tool call without a result',
      '{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t1"}]},{"role":"user","content":"b"}]}',
      '`tool_use` ids were found without `tool_result` blocks immediately after: t1',
    ],
    [
      'a tool call at the end',
      '{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t1"}]}]}',
      '`tool_use` ids were found without `tool_result` blocks immediately after',
    ],
    [
      'too many cache breakpoints',
      JSON.stringify({
        model: 'm',
        tools: [{ name: 'a', cache_control: {} }],
        system: [1, 2].map((n) => ({ type: 'text', text: `${n}`, cache_control: {} })),
        messages: [{ role: 'user', content: [3, 4].map((n) => ({ type: 'text', text: `${n}`, cache_control: {} })) }],
      }),
      'Found 5.',
    ],
  ])('refuses %s as the API does', async (_title, body, sentence) => {
    const { url } = await start([always(say('x'))]);

    const response = await post(`${url}/v1/messages`, body);

    expect(response.status).toBe(400);
    await expect(response.text()).resolves.toContain(sentence);
  });

  it('stops twice without complaint', async () => {
    const { server } = await start([]);

    await server.stop();

    await expect(server.stop()).resolves.toBeUndefined();
  });
});
