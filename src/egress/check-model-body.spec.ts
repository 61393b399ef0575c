import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkModelBody } from './check-model-body.js';
import { countTopLevelKeys } from './count-top-level-keys.js';
import type { ModelRoute } from './egress.types.js';

const route = (protocol: ModelRoute['protocol']): ModelRoute => ({
  protocol,
  baseUrl: 'https://model.test',
  apiKey: 'k',
  model: 'm-1',
});
type Operation = Parameters<typeof checkModelBody>[1];

function check(body: unknown, protocol: ModelRoute['protocol'] = 'anthropic', operation: Operation = 'messages') {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return checkModelBody(route(protocol), operation, bytes, false);
}

describe('checkModelBody', () => {
  it('lets a request for the model of the route through, byte by byte', () => {
    const body =
      ' {"messages":[{"role":"user","content":"\\u00fc \\"model\\": 12345678901234567890 1.0"}] , "model" : "m-1"}\n';

    expect(check(body)).toEqual({ kind: 'accepted', body: Buffer.from(body) });
    expect(check('{"mod\\u0065l":"m-1"}')).toMatchObject({ kind: 'accepted' });
    expect(check({ model: 'm-1', metadata: { model: 'm-2', Model: 'm-3' } })).toMatchObject({ kind: 'accepted' });
  });

  it.each([
    [{ model: 'm-2' }, '"m-2"'],
    [{ model: 'M-1' }, '"M-1"'],
    [{ model: 'm-1 ' }, '"m-1 "'],
    [{ model: ['m-1'] }, '["m-1"]'],
    [{}, 'null'],
  ])('refuses %j and names the model that may be asked for', (body, asked) => {
    expect(check(body)).toEqual({
      kind: 'refused',
      status: 403,
      sentence: `This sandbox may only use the model m-1, and the request asks for ${asked}`,
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '"m-1"',
    '{"model":"m-1"',
    '{"model":"m-1"} x',
    '\ufeff{"model":"m-1"}',
    "{'model':'m-1'}",
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  ])('refuses %p, which is no JSON object', (body) => {
    expect(check(body)).toEqual({
      kind: 'refused',
      status: 400,
      sentence: 'The body must be a JSON object in UTF-8',
    });
  });

  it.each([
    '{"model":"m-2","model":"m-1"}',
    '{"model":"m-1","mod\\u0065l":"m-2"}',
    '{"model":"m-1","Model":"m-2"}',
    '{"MODEL":"m-1"}',
    '{"model":"m-1","tools":[],"Tools":[]}',
    '{"model":"m-1","Messages":[]}',
  ])('refuses %s, which two parsers read differently', (body) => {
    expect(check(body)).toMatchObject({
      kind: 'refused',
      status: 400,
      sentence: expect.stringMatching(/^The body must hold "\w+" once, in lower case$/) as unknown,
    });
  });

  it('leaves the model to the path in the protocol of Google, and refuses a body that says otherwise', () => {
    const generate = (body: object) => check({ contents: [], ...body }, 'google', 'generate').kind;

    expect(generate({})).toBe('accepted');
    expect(generate({ model: 'models/m-1' })).toBe('accepted');
    expect(generate({ generateContentRequest: { model: 'm-1' } })).toBe('accepted');
    expect(generate({ model: 'models/m-2' })).toBe('refused');
    expect(generate({ generateContentRequest: { model: 'models/m-2' } })).toBe('refused');
  });

  it('asks for the tokens of a streamed chat completion, and changes no other', () => {
    const chat = (body: object) => {
      const checked = check({ model: 'm-1', ...body }, 'openai', 'chat');
      return checked.kind === 'accepted' ? (JSON.parse(checked.body.toString()) as object) : null;
    };

    expect(chat({ stream: true })).toEqual({ model: 'm-1', stream: true, stream_options: { include_usage: true } });
    expect(chat({ stream: true, stream_options: { x: 1, include_usage: false } })).toEqual({
      model: 'm-1',
      stream: true,
      stream_options: { x: 1, include_usage: true },
    });
    expect(chat({ stream: true, stream_options: { include_usage: true } })).toEqual({
      model: 'm-1',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(chat({ stream: false })).toEqual({ model: 'm-1', stream: false });
  });

  it.each<[ModelRoute['protocol'], object, string]>([
    ['anthropic', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'the tool "web_search_20250305"'],
    ['anthropic', { tools: [{ name: 'x' }, { type: 'web_fetch_20250910' }] }, 'the tool "web_fetch_20250910"'],
    ['anthropic', { tools: [{ type: { toString: 1 } }] }, 'the tool {"toString":1}'],
    ['anthropic', { mcp_servers: [{ type: 'url', url: 'https://x' }] }, '"mcp_servers"'],
    [
      'anthropic',
      { messages: [{ content: [{ type: 'image', source: { type: 'url' } }] }] },
      'a content by its address',
    ],
    [
      'anthropic',
      { messages: [{ content: [{ type: 'tool_result', content: [{ source: { type: 'url' } }] }] }] },
      'a content by its address',
    ],
    [
      'anthropic',
      {
        messages: [
          {
            content: [
              {
                type: 'tool_result',
                content: [
                  {
                    type: 'document',
                    source: {
                      type: 'content',
                      content: [{ type: 'image', source: { type: 'url', url: 'https://x' } }],
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
      'a content by its address',
    ],
    [
      'openai',
      { input: [{ type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: 'https://x' } }] },
      'a content by its address',
    ],
    [
      'openai',
      { prompt: { id: 'p', variables: { a: { type: 'input_image', image_url: 'https://x' } } } },
      'a content by its address',
    ],
    [
      'google',
      {
        contents: [
          { parts: [{ functionResponse: { response: {}, parts: [{ fileData: { fileUri: 'https://x' } }] } }] },
        ],
      },
      'a content by its address',
    ],
    [
      'google',
      { generateContentRequest: { contents: [{ parts: [{ fileData: { fileUri: 'https://x' } }] }] } },
      'a content by its address',
    ],
    ['google', { systemInstruction: { parts: [{ fileData: { fileUri: 'https://x' } }] } }, 'a content by its address'],
    ['openai', { tools: [{ type: 'mcp', server_url: 'https://x' }] }, 'the tool "mcp"'],
    ['openai', { tools: [{ type: 'web_search' }] }, 'the tool "web_search"'],
    ['openai', { web_search_options: {} }, '"web_search_options"'],
    ['openai', { models: ['other'] }, '"models"'],
    ['openai', { background: true }, '"background"'],
    ['openai', { input: [{ content: [{ image_url: 'https://x' }] }] }, 'a content by its address'],
    ['openai', { input: [{ content: [{ file_url: 'https://x' }] }] }, 'a content by its address'],
    ['openai', { input: [{ output: [{ image_url: 'https://x' }] }] }, 'a content by its address'],
    ['openai', { messages: [{ content: [{ image_url: { url: 'https://x' } }] }] }, 'a content by its address'],
    ['google', { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }, 'the tool googleSearch'],
    ['google', { tools: [{ url_context: {} }] }, 'the tool url_context'],
    ['google', { contents: [{ parts: [{ fileData: { fileUri: 'https://x' } }] }] }, 'a content by its address'],
    ['google', { contents: [{ parts: [{ file_data: { file_uri: 'https://x' } }] }] }, 'a content by its address'],
  ])('does not have the side of %s reach further: %j', (protocol, body, what) => {
    expect(check({ model: 'm-1', ...body }, protocol)).toEqual({
      kind: 'refused',
      status: 403,
      sentence: `This sandbox may not have the model's side reach further: the request holds ${what}`,
    });
    const bytes = Buffer.from(JSON.stringify({ model: 'm-1', ...body }));
    expect(checkModelBody(route(protocol), 'messages', bytes, true)).toEqual({ kind: 'accepted', body: bytes });
  });

  it.each<[ModelRoute['protocol'], object]>([
    [
      'anthropic',
      {
        tools: [{ name: 'a' }, { type: 'custom' }, { type: 'bash_20250124' }, { type: 'text_editor_20250728' }],
        mcp_servers: [],
        messages: [
          { content: 'text' },
          { content: [{ type: 'tool_use', input: { source: { type: 'url' }, image_url: 'https://x' } }] },
          { content: [{ type: 'image', source: { type: 'base64' } }] },
        ],
      },
    ],
    [
      'openai',
      {
        tools: [{ type: 'function' }, { type: 'local_shell' }, { type: 'web_search', external_web_access: false }],
        provider: null,
        background: false,
        input: ['x', { content: [{ image_url: 'data:image/png;base64,AA' }] }],
      },
    ],
    [
      'google',
      {
        tools: [{ functionDeclarations: [] }, 'x'],
        contents: [
          { parts: [{ inlineData: {} }, { fileData: 1 }] },
          { parts: [{ functionCall: { args: { file_url: 'x' } } }] },
          { parts: [{ functionResponse: { response: { source: { type: 'url' } } } }] },
        ],
      },
    ],
  ])('lets through what %s is asked for by an agent: %j', (protocol, body) => {
    expect(check({ model: 'm-1', ...body }, protocol)).toMatchObject({ kind: 'accepted' });
  });

  it('looks into what is nested deeper than a stack is high', () => {
    const deep = `${'['.repeat(200_000)}{"file_url":"https://x"}${']'.repeat(200_000)}`;

    expect(check(`{"model":"m-1","input":${deep}}`, 'openai')).toMatchObject({ kind: 'refused', status: 403 });
  });

  it('lets no other model through, however the body is written', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('messages', 'responses', 'chat', 'count'), (text, operation) => {
        expect(check(text, 'anthropic', operation as Operation).kind).toBe('refused');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(check(Buffer.from(bytes)).kind).toBe('refused');
      }),
    );
  });
});

describe('countTopLevelKeys', () => {
  it('finds the keys of any object, and not those inside', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(3), (object, space) => {
        const counts = countTopLevelKeys(Buffer.from(JSON.stringify(object, null, space)));

        const keys = Object.keys(object).map((key) => key.toLowerCase());
        expect([...counts.keys()].sort()).toEqual([...new Set(keys)].sort());
        expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(keys.length);
      }),
    );
  });

  it('is not led astray by quotes and backslashes', () => {
    const json = String.raw`{"a\\":"\\\"b\":{","c":["\\",{"d":1}],"\"":2,"A\\":3}`;

    expect([...countTopLevelKeys(Buffer.from(json))]).toEqual([
      ['a\\', 2],
      ['c', 1],
      ['"', 1],
    ]);
  });
});
