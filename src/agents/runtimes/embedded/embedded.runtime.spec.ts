import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  contractProfile,
  describeAgentRuntime,
  type ContractTurn,
} from '../../../../test/contracts/agent-runtime.contract.js';
import { ProcessCommandRunner } from '../../../command-runner/index.js';
import {
  FakeClock,
  ScriptedModelServer,
  SeededRandomness,
  callTool,
  callTools,
  failWith,
  promptTooLong,
  refuse,
  runOutOfTokens,
  say,
  stepsRule,
  type ModelReply,
  type ModelRule,
  type ScriptedModelServerOptions,
} from '../../../testing/index.js';
import type { AgentProfile } from '../../agent-profile.js';
import type { AgentEvent } from '../../agents.types.js';
import type { EmbeddedRuntimeModuleOptions } from './embedded.options.js';
import { EmbeddedRuntime } from './embedded.runtime.js';

const KEY = 'key-embedded-1234567890';

function ruleOf({ prompt, usedTokens, steps }: ContractTurn): ModelRule {
  const options = { usage: usedTokens === null ? null : { inputTokens: usedTokens } };
  const replies = steps.map((step) =>
    'run' in step
      ? callTool('bash', { command: step.run }, options)
      : callTool('write', { path: step.write, content: step.content }, options),
  );
  return stepsRule({ when: (c) => c.lastPrompt === prompt, steps: [...replies, say('Done.', options)] });
}

describeAgentRuntime('EmbeddedRuntime', async (turns) => {
  const summary: ModelRule = {
    when: (c) => c.lastPrompt.includes('replace this whole conversation'),
    reply: say('Sum.'),
  };
  const server = new ScriptedModelServer({ rules: [summary, ...turns.map(ruleOf)] });
  const baseUrl = await server.start();
  return {
    runtime: new EmbeddedRuntime(new ProcessCommandRunner()),
    profile: { ...contractProfile, baseUrl },
    dispose: () => server.stop(),
  };
});

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Given {
  readonly rules?: readonly ModelRule[];
  readonly options?: EmbeddedRuntimeModuleOptions;
  readonly profile?: Partial<AgentProfile>;
  readonly server?: Partial<ScriptedModelServerOptions>;
  readonly onEvent?: (event: AgentEvent, clock: FakeClock) => void;
}

/** An open session before a scripted model, whose clock stands still. */
async function start({ rules = [], options, profile, server: serverOptions, onEvent }: Given) {
  const directory = await mkdtemp(join(tmpdir(), 'embedded-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  const workspace = join(directory, 'workspace');
  await mkdir(workspace);
  const server = new ScriptedModelServer({ rules, apiKey: KEY, ...serverOptions });
  const baseUrl = await server.start();
  cleanUps.push(() => server.stop());
  const clock = new FakeClock();
  const runtime = new EmbeddedRuntime(new ProcessCommandRunner(), options, clock, new SeededRandomness());
  const events: AgentEvent[] = [];
  const spec = {
    issue: { owner: 'mosaic', repo: 'sum', number: 7 },
    profile: { ...contractProfile, baseUrl, apiKey: KEY, ...profile },
    workspace,
    home: join(directory, 'home'),
    instructions: 'Keep to the rules.',
    onEvent: (event: AgentEvent) => {
      events.push(event);
      onEvent?.(event, clock);
    },
  };
  const session = await runtime.open(spec);
  cleanUps.push(() => session.close());
  return { session, runtime, spec, server, clock, events, workspace, home: spec.home };
}

const answering = (...replies: ModelReply[]): Given => ({
  rules: [stepsRule({ when: () => true, steps: replies })],
});

/** Lets time pass as soon as somebody waits for a model. */
const withoutWaiting: Pick<Given, 'onEvent'> = {
  onEvent: (event, clock) => {
    if (event.type === 'model-retry') setImmediate(() => clock.advance(event.waitMs));
  },
};

const ofType = <T extends AgentEvent['type']>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

describe('EmbeddedRuntime, asking the model', () => {
  it('sends the rules, the tools and the history, marked for the cache', async () => {
    const { session, server } = await start(answering(callTool('list', {}), say('Seen.')));

    await session.prompt('Look around.');

    const [first, second] = server.requests.map(({ conversation }) => conversation);
    expect(first?.system).toContain('Keep to the rules.');
    expect(first?.toolNames).toEqual(['bash', 'read', 'write', 'edit', 'grep', 'list']);
    expect(first?.isStreaming).toBe(true);
    expect(first?.request).toMatchObject({
      model: 'contract-model',
      max_tokens: 2_000,
      system: [{ cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: [{ type: 'text', cache_control: { type: 'ephemeral' } }] }],
    });
    const breakpoints = JSON.stringify(second?.request['messages']).match(/cache_control/g);
    expect(breakpoints).toHaveLength(1);
  });

  it('tells occupancy as what the last call read, and spend as what was added', async () => {
    const { session, events } = await start(
      answering(
        callTool(
          'list',
          {},
          { usage: { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 500, outputTokens: 20 } },
        ),
        say('x', { usage: { inputTokens: 30, cacheReadTokens: 500, cacheWriteTokens: 40, outputTokens: 7 } }),
      ),
    );

    await session.prompt('go');

    expect(session.contextUsage()).toEqual({ usedTokens: 570, windowTokens: 12_000, usableTokens: 10_000 });
    expect(ofType(events, 'usage').map(({ usage }) => usage.usedTokens)).toEqual([510, 570]);
    const spent = ofType(events, 'spend').map(({ spend }) => spend);
    expect(spent.reduce((sum, { inputTokens }) => sum + inputTokens, 0)).toBe(40);
    expect(spent.reduce((sum, { outputTokens }) => sum + outputTokens, 0)).toBe(27);
    expect(spent.reduce((sum, { cacheReadTokens }) => sum + cacheReadTokens, 0)).toBe(500);
    expect(spent.reduce((sum, { cacheWriteTokens }) => sum + cacheWriteTokens, 0)).toBe(540);
  });

  it('tells occupancy while the answer still comes', async () => {
    let letGo = (): void => undefined;
    const pausedUntil = new Promise<void>((resolve) => (letGo = resolve));
    const seen: (number | null)[] = [];
    const { session } = await start({
      ...answering(say('slow', { pausedUntil, usage: { inputTokens: 9_000 } })),
      onEvent: (event) => {
        if (event.type !== 'usage') return;
        seen.push(event.usage.usedTokens);
        letGo();
      },
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'end_turn', text: 'slow' });
    expect(seen).toEqual([9_000]);
  });

  it('shows signs of life while an answer comes, and not more of them than once a second', async () => {
    const hasty = await start(answering(say('A few words, one after the other.')));
    const slow = await start({
      ...answering(say('A few words, one after the other.')),
      onEvent: (event, clock) => void (event.type === 'activity' && clock.advance(1_000)),
    });

    await hasty.session.prompt('Go.');
    await slow.session.prompt('Go.');

    expect(ofType(hasty.events, 'activity')).toHaveLength(1);
    expect(ofType(slow.events, 'activity').length).toBeGreaterThan(3);
  });

  it('does not know occupancy any more after a call that did not tell it', async () => {
    const { session, events } = await start(
      answering(callTool('list', {}, { usage: { inputTokens: 700 } }), say('x', { usage: null })),
    );

    await session.prompt('go');

    expect(session.contextUsage().usedTokens).toBeNull();
    expect(ofType(events, 'usage').map(({ usage }) => usage.usedTokens)).toEqual([700, null]);
  });

  it('does not know a usable window where the window is unknown', async () => {
    const { session } = await start({ ...answering(say('x')), profile: { windowTokens: null } });

    expect(session.contextUsage()).toEqual({ usedTokens: null, windowTokens: null, usableTokens: null });
  });

  it('sends no key to a model that needs none', async () => {
    const { session, server } = await start({
      rules: [{ when: () => true, reply: say('x') }],
      profile: { apiKey: null },
      server: { rules: [{ when: () => true, reply: say('x') }] },
    });
    const open = new ScriptedModelServer({ rules: [{ when: () => true, reply: say('x') }] });
    cleanUps.push(() => open.stop());
    const keyless = await start({ profile: { apiKey: null, baseUrl: await open.start() } });

    expect(await session.prompt('go')).toMatchObject({ stop: 'auth' });
    expect(await keyless.session.prompt('go')).toMatchObject({ stop: 'end_turn' });
    expect(open.requests[0]?.headers).not.toHaveProperty('x-api-key');
    expect(open.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(server.requests).toEqual([]);
  });

  it('does not follow a redirect with its key', async () => {
    const asked: string[] = [];
    const elsewhere = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => {
      elsewhere.closeAllConnections();
      await new Promise((resolve) => elsewhere.close(resolve));
    });
    const baseUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const { session } = await start({ profile: { baseUrl }, options: { attempts: 1 } });

    expect(await session.prompt('go')).toMatchObject({ stop: 'error' });
    expect(asked).toEqual(['/v1/messages']);
  });

  it('uses the address of the SDK where the profile names none', async () => {
    const { session } = await start({ profile: { baseUrl: null } });

    await session.close();

    expect(await session.prompt('go')).toMatchObject({ stop: 'interrupted' });
  });
});

describe('EmbeddedRuntime, when the model fails', () => {
  it('stops with spend_limit where the account may spend no more, without asking twice', async () => {
    const reply = failWith(429, { message: 'enforced_spend_limit_reached' });
    const { session, server } = await start({ rules: [{ when: () => true, reply }] });

    const result = await session.prompt('go');

    expect(result).toMatchObject({ stop: 'spend_limit', retryAfterMs: null });
    expect(server.requests).toHaveLength(1);
  });

  it.each([401, 403])('stops with auth at %i, without asking twice', async (status) => {
    const { session, server } = await start({ rules: [{ when: () => true, reply: failWith(status) }] });

    const result = await session.prompt('go');

    expect(result).toMatchObject({ stop: 'auth', retryAfterMs: null });
    expect(result.detail).toContain(`${status}`);
    expect(server.requests).toHaveLength(1);
  });

  it('tells no key, even where the answer quotes it', async () => {
    const { session } = await start({
      rules: [{ when: () => true, reply: failWith(400, { message: `bad key ${KEY} ${'x'.repeat(1_000)}` }) }],
    });

    const result = await session.prompt('go');

    expect(result.detail).toContain('bad key [key]');
    expect(result.detail).not.toContain(KEY);
    expect(result.detail?.length).toBeLessThan(450);
  });

  it.each<[string, ModelReply]>([
    ['a 429', failWith(429)],
    ['an overload', failWith(529)],
    ['an outage', failWith(503)],
    ['a server error', failWith(500)],
    ['an overload inside a stream', failWith(529, { isInsideStream: true })],
    ['a cut stream', say('This never arrives as a whole, because it is cut off.', { isCut: true })],
    ['a cut tool call', callTool('write', { path: 'a.txt', content: 'cut '.repeat(20) }, { isCut: true })],
  ])('tries again after %s', async (_title, failure) => {
    const { session, events, workspace } = await start({
      rules: [
        { when: () => true, reply: failure, times: 2 },
        { when: () => true, reply: say('At last.') },
      ],
      ...withoutWaiting,
    });

    const result = await session.prompt('go');

    expect(result).toMatchObject({ stop: 'end_turn', text: 'At last.' });
    expect(ofType(events, 'model-retry')).toHaveLength(2);
    expect(await readdir(workspace)).toEqual([]);
  });

  it('waits longer each time, and at least as long as it is told', async () => {
    const { session, events } = await start({
      rules: [
        { when: () => true, reply: failWith(529), times: 3 },
        { when: () => true, reply: failWith(429, { retryAfterSeconds: 20 }), times: 1 },
        { when: () => true, reply: say('x') },
      ],
      ...withoutWaiting,
    });

    await session.prompt('go');

    const [first = 0, second = 0, third = 0, told = 0] = ofType(events, 'model-retry').map(({ waitMs }) => waitMs);
    expect([first >= 500 && first <= 1_000, second >= 1_000 && second <= 2_000]).toEqual([true, true]);
    expect([third >= 2_000 && third <= 4_000, told >= 20_000 && told <= 24_000]).toEqual([true, true]);
  });

  it('gives up after its attempts, as rate_limit or error', async () => {
    const busy = await start({
      rules: [{ when: () => true, reply: failWith(429, { retryAfterSeconds: 3 }) }],
      options: { attempts: 3 },
      ...withoutWaiting,
    });
    const broken = await start({
      rules: [{ when: () => true, reply: failWith(500) }],
      options: { attempts: 2 },
      ...withoutWaiting,
    });

    expect(await busy.session.prompt('go')).toMatchObject({ stop: 'rate_limit', retryAfterMs: 3_000 });
    expect(await broken.session.prompt('go')).toMatchObject({ stop: 'error', retryAfterMs: null, isUnreachable: true });
    expect(busy.server.requests).toHaveLength(3);
    expect(broken.server.requests).toHaveLength(2);
  });

  it('leaves a long wait to the coordinator', async () => {
    const { session, server } = await start({
      rules: [{ when: () => true, reply: failWith(429, { retryAfterSeconds: 3_600 }) }],
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'rate_limit', retryAfterMs: 3_600_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('stops waiting when it is interrupted, and asks no more', async () => {
    const { session, server } = await start({
      rules: [{ when: () => true, reply: failWith(529) }],
      onEvent: (event) => {
        if (event.type === 'model-retry') setImmediate(() => session.interrupt());
      },
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'interrupted' });
    expect(server.requests).toHaveLength(1);
  });

  it('does not wait at all where it was interrupted during the call that failed', async () => {
    const { session, server, events } = await start({
      rules: [
        {
          when: () => true,
          reply: () => {
            session.interrupt();
            return failWith(529);
          },
        },
      ],
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'interrupted' });
    expect(server.requests).toHaveLength(1);
    expect(ofType(events, 'model-retry')).toEqual([]);
  });

  it.each<[string, ModelReply]>([
    ['in the words of the API', promptTooLong(205_000, 200_000)],
    ['as a body too large', failWith(413)],
    [
      'in the words of another server',
      failWith(400, { message: "This model's maximum context length is 8192 tokens" }),
    ],
    ['as a stop reason', { kind: 'message', content: [], stop: 'model_context_window_exceeded' }],
  ])('stops with context_exhausted when the prompt is too long, %s', async (_title, reply) => {
    const { session, server } = await start({ rules: [{ when: () => true, reply }] });

    expect(await session.prompt('go')).toMatchObject({ stop: 'context_exhausted' });
    expect(server.requests).toHaveLength(1);
  });

  it('counts a model that says nothing for too long as lost', async () => {
    const never = new Promise<ModelReply>(() => undefined);
    const { session, clock, server } = await start({
      rules: [
        { when: () => true, reply: () => never, times: 1 },
        { when: () => true, reply: say('stuck', { pausedUntil: never }), times: 1 },
        { when: () => true, reply: say('Awake.') },
      ],
      options: { modelIdleMs: 60_000 },
      onEvent: (event) => {
        if (event.type === 'model-retry') setImmediate(() => clock.advance(event.waitMs));
        // The stream has begun: twice, because an event came since the last look.
        if (event.type === 'usage') setImmediate(() => clock.advance(60_000));
        if (event.type === 'usage') setImmediate(() => setImmediate(() => clock.advance(60_000)));
      },
    });
    const turn = session.prompt('go');
    await server.received(1);

    clock.advance(60_000);

    expect(await turn).toMatchObject({ stop: 'end_turn', text: 'Awake.' });
    expect(server.requests).toHaveLength(3);
  });

  it('goes on in the same conversation after a failure', async () => {
    const { session, server } = await start({
      rules: [
        { when: () => true, reply: failWith(401), times: 1 },
        { when: () => true, reply: say('Now.') },
      ],
    });
    await session.prompt('first');

    const result = await session.prompt('second');

    expect(result.stop).toBe('end_turn');
    expect(server.requests.at(-1)?.conversation).toMatchObject({
      firstPrompt: 'first\nsecond',
      lastPrompt: 'second',
      stepsSincePrompt: 0,
    });
  });

  it('reports a refusal', async () => {
    const silent = await start(answering(refuse()));
    const spoken = await start(answering(refuse('I will not.')));

    expect(await silent.session.prompt('go')).toMatchObject({ stop: 'refusal', text: '' });
    expect(await spoken.session.prompt('go')).toMatchObject({ stop: 'refusal', text: 'I will not.' });
  });

  it('reports that it cannot save, as a failed turn and a failed compaction', async () => {
    const { session, home } = await start(answering(say('x')));
    await session.prompt('go');
    await rm(join(home, 'sessions'), { recursive: true });
    await writeFile(join(home, 'sessions'), 'a file where a directory belongs');

    const turn = await session.prompt('go');
    const compaction = await session.compact('');

    expect(turn).toMatchObject({ stop: 'error', detail: expect.stringContaining('The session failed') });
    expect(compaction).toMatchObject({ succeeded: false, detail: expect.stringContaining('The session failed') });
    await expect(session.close()).resolves.toBeUndefined();
  });
});

describe('EmbeddedRuntime, working through a turn', () => {
  it('runs all tools of an answer and shows the model what came of them', async () => {
    const { session, server, events } = await start(
      answering(
        callTools(
          [
            { name: 'write', input: { path: 'src/sum.js', content: 'sum' } },
            { name: 'bash', input: { command: 'cat src/sum.js && exit 3' } },
            { name: 'dance', input: {} },
          ],
          { text: 'Writing.' },
        ),
        say('Done.'),
      ),
    );

    const result = await session.prompt('go');

    expect(result).toEqual({ stop: 'end_turn', text: 'Done.', detail: null, retryAfterMs: null });
    expect(server.requests.at(-1)?.conversation.toolResults).toEqual([
      expect.objectContaining({ tool: 'write', text: 'Wrote 3 bytes to src/sum.js', isError: false }),
      expect.objectContaining({ tool: 'bash', text: 'sum\n[exit code 3]', isError: true }),
      expect.objectContaining({ tool: 'dance', text: 'There is no tool "dance"', isError: true }),
    ]);
    expect(ofType(events, 'text').map(({ text }) => text)).toEqual(['Writing.', 'Done.']);
    expect(ofType(events, 'tool-started').map(({ tool, summary }) => `${tool} ${summary}`)).toEqual([
      'write src/sum.js',
      'bash cat src/sum.js && exit 3',
    ]);
  });

  it('sends thoughts back as they came', async () => {
    const { session, server } = await start(
      answering(
        {
          kind: 'message',
          stop: 'tool_use',
          content: [
            { type: 'thinking', thinking: 'A long thought about what to do first.' },
            { type: 'tool_use', name: 'list', input: {} },
          ],
        },
        say('x'),
      ),
    );

    await session.prompt('go');

    const messages = server.requests.at(-1)?.conversation.request['messages'];
    expect(messages).toMatchObject([
      { role: 'user' },
      {
        content: [
          { type: 'thinking', thinking: 'A long thought about what to do first.', signature: 'signature_0001_0' },
          {},
        ],
      },
      { role: 'user' },
    ]);
  });

  it('stops at its limit of steps, and goes on from there', async () => {
    const { session, server } = await start({
      rules: [
        { when: (c) => c.lastPrompt === 'go', reply: callTool('list', {}) },
        { when: (c) => c.lastPrompt === 'finish', reply: say('Finished.') },
      ],
      options: { stepLimit: 3 },
    });

    const limited = await session.prompt('go');
    const asked = server.requests.length;
    const finished = await session.prompt('finish');

    expect(limited).toMatchObject({ stop: 'max_turns' });
    expect(asked).toBe(3);
    expect(finished).toMatchObject({ stop: 'end_turn', text: 'Finished.' });
  });

  it('lets an answer that is too long go on, and gives up at the third in a row', async () => {
    const { session, server } = await start({
      rules: [
        { when: (c) => c.mentions('once'), times: 1, reply: runOutOfTokens('It begins') },
        { when: (c) => c.mentions('once'), reply: say('and ends.') },
        { when: () => true, reply: runOutOfTokens('on and on') },
      ],
    });
    const again = await start({ rules: [{ when: () => true, reply: runOutOfTokens('on and on') }] });

    expect(await session.prompt('once')).toMatchObject({ stop: 'end_turn', text: 'and ends.' });
    expect(server.requests.at(-1)?.conversation.lastPrompt).toContain('Continue where it ended');
    expect(await again.session.prompt('go')).toMatchObject({
      stop: 'error',
      detail: expect.stringContaining('3 answers'),
    });
    expect(again.server.requests).toHaveLength(3);
  });

  it('does not run a tool call whose arguments cannot be read', async () => {
    const events = [
      { type: 'message_start', message: { usage: { input_tokens: 5 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't1', name: 'list' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"path' } },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} },
      { type: 'message_stop' },
    ];
    const broken = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => {
      broken.closeAllConnections();
      await new Promise((resolve) => broken.close(resolve));
    });
    const baseUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    const { session, home } = await start({ profile: { baseUrl }, options: { stepLimit: 1 } });

    const result = await session.prompt('go');

    expect(result.stop).toBe('max_turns');
    const saved = await readFile(join(home, 'sessions', `${session.ref.id}.json`), 'utf8');
    expect(saved).toContain('Not run: the arguments are not a JSON object.');
  });

  it('does not run a tool call that was cut off by the limit of length', async () => {
    const { session, server, workspace } = await start(
      answering(
        { ...callTool('write', { path: 'a.txt', content: 'half' }), stop: 'max_tokens' },
        say('Smaller, then.'),
      ),
    );

    const result = await session.prompt('go');

    expect(result.stop).toBe('end_turn');
    expect(server.requests.at(-1)?.conversation.toolResults).toMatchObject([
      { tool: 'write', isError: true, text: expect.stringContaining('Take smaller steps') },
    ]);
    expect(await readdir(workspace)).toEqual([]);
  });

  it('lets the answer it waits for end when it is interrupted, keeps its files and starts no command', async () => {
    const { session, server, workspace } = await start({
      rules: [
        {
          when: (c) => c.lastPrompt === 'go',
          reply: () => {
            session.interrupt();
            return callTools([
              { name: 'write', input: { path: 'kept.txt', content: 'kept' } },
              { name: 'bash', input: { command: 'touch never.txt' } },
            ]);
          },
        },
        { when: (c) => c.lastPrompt === 'on', reply: say('On.') },
      ],
    });

    const interrupted = await session.prompt('go');
    const next = await session.prompt('on');

    expect(interrupted).toMatchObject({ stop: 'interrupted' });
    expect(next).toMatchObject({ stop: 'end_turn' });
    expect(await readdir(workspace)).toEqual(['kept.txt']);
    expect(JSON.stringify(server.requests.at(-1)?.conversation.request)).toContain('Not started: the coordinator');
  });

  it('says that the turn is over where the agent ended it before the interruption could', async () => {
    const { session } = await start({
      rules: [
        {
          when: () => true,
          reply: () => {
            session.interrupt();
            return say('Done already.');
          },
        },
      ],
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'end_turn', text: 'Done already.' });
  });

  it('ends a model call at once when it is closed', async () => {
    const { session, server } = await start({
      rules: [{ when: () => true, reply: () => new Promise<ModelReply>(() => undefined) }],
    });
    const turn = session.prompt('go');
    await server.received(1);

    await session.close();

    expect(await turn).toMatchObject({ stop: 'interrupted' });
  });

  it('ends a stream at once when it is closed', async () => {
    const pausedUntil = new Promise<void>(() => undefined);
    const { session } = await start({
      ...answering(say('never', { pausedUntil })),
      onEvent: (event) => {
        if (event.type === 'usage') setImmediate(() => void session.close());
      },
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'interrupted' });
  });

  it('passes on a failure of a command runner that breaks its promise', async () => {
    const { spec, clock } = await start(answering(callTool('bash', { command: 'true' })));
    const broken = new EmbeddedRuntime({ run: () => Promise.reject(new Error('broken runner')) }, {}, clock);
    const session = await broken.open(spec);

    expect(await session.prompt('go')).toMatchObject({ stop: 'error', detail: 'The session failed: broken runner' });
  });
});

describe('EmbeddedRuntime, remembering', () => {
  it('answers a call that was running when its process died, and keeps the results that were in', async () => {
    const { session, runtime, spec, server, home } = await start({
      rules: [
        {
          when: (c) => c.lastPrompt === 'go',
          reply: callTools([
            { name: 'write', input: { path: 'a.txt', content: 'a' } },
            { name: 'bash', input: { command: 'true' } },
          ]),
        },
        { when: (c) => c.lastPrompt === 'resume', reply: say('Back.') },
      ],
      options: { stepLimit: 1 },
    });
    await session.prompt('go');
    const path = join(home, 'sessions', `${session.ref.id}.json`);
    const saved = JSON.parse(await readFile(path, 'utf8')) as { history: { content: unknown[] }[] };
    // As it was after the first of the two calls.
    saved.history[2]?.content.pop();
    await writeFile(path, JSON.stringify(saved));

    const resumed = await runtime.open({ ...spec, resume: session.ref });
    const result = await resumed.prompt('resume');

    expect(result).toMatchObject({ stop: 'end_turn', text: 'Back.' });
    const messages = server.requests.at(-1)?.conversation.request['messages'] as { content: unknown[] }[];
    expect(messages[2]?.content).toMatchObject([
      { type: 'tool_result', content: 'Wrote 1 bytes to a.txt' },
      { type: 'tool_result', content: expect.stringContaining('outcome is unknown'), is_error: true },
      { type: 'text', text: 'resume' },
    ]);
  });

  it('resumes a session that died before the model answered', async () => {
    const { session, runtime, spec, server } = await start({
      rules: [
        { when: (c) => c.lastPrompt === 'go', reply: failWith(401) },
        { when: (c) => c.lastPrompt === 'resume', reply: say('Back.') },
      ],
    });
    await session.prompt('go');

    const resumed = await runtime.open({ ...spec, resume: session.ref });

    expect(await resumed.prompt('resume')).toMatchObject({ stop: 'end_turn' });
    expect(server.requests.at(-1)?.conversation.firstPrompt).toBe('go\nresume');
  });

  it('keeps what it saves readable by its own user only', async () => {
    const { session, home } = await start(answering(say('x')));

    await session.prompt('go');

    const file = await stat(join(home, 'sessions', `${session.ref.id}.json`));
    expect(file.mode & 0o077).toBe(0);
    expect(await readdir(join(home, 'sessions'))).toEqual([`${session.ref.id}.json`]);
  });
});

describe('EmbeddedRuntime, shortening its history', () => {
  const summarizing = (reply: ModelRule['reply']): ModelRule => ({
    when: (c) => c.lastPrompt.includes('replace this whole conversation'),
    reply,
  });
  const full = say('Full.', { usage: { inputTokens: 9_000 } });

  it('goes on from a summary and what must be kept, word for word', async () => {
    const { session, server, events } = await start({
      rules: [
        summarizing(say('Half of it is done.', { usage: { inputTokens: 9_100, outputTokens: 50 } })),
        { when: () => true, reply: full },
      ],
      server: { countTokens: () => 321 },
    });
    await session.prompt('a long story');
    const spentBefore = ofType(events, 'spend').length;

    const result = await session.compact('All sums must be exact.');
    const usage = session.contextUsage().usedTokens;
    await session.prompt('go on');

    expect(result).toEqual({ succeeded: true, usedTokensAfter: 321, detail: null });
    expect(usage).toBe(321);
    expect(ofType(events, 'usage').map((event) => event.usage.usedTokens)).toEqual([9_000, 321, 9_000]);
    expect(ofType(events, 'spend').length).toBeGreaterThan(spentBefore);
    const after = server.requests.at(-1)?.conversation;
    expect(after?.firstPrompt).toContain('Half of it is done.');
    expect(after?.firstPrompt).toContain('All sums must be exact.');
    expect(after?.mentions('a long story')).toBe(false);
    expect(after?.lastPrompt).toBe('go on');
  });

  it('does not know its occupancy where the model cannot count', async () => {
    const { session } = await start({
      rules: [summarizing(say('Short.')), { when: () => true, reply: full }],
      server: { countTokens: null },
    });
    await session.prompt('go');

    expect(await session.compact('')).toEqual({ succeeded: true, usedTokensAfter: null, detail: null });
    expect(session.contextUsage().usedTokens).toBeNull();
  });

  it('takes a count of zero for no count', async () => {
    const { session } = await start({
      rules: [summarizing(say('Short.')), { when: () => true, reply: full }],
      server: { countTokens: () => 0 },
    });
    await session.prompt('go');

    expect(await session.compact('')).toMatchObject({ succeeded: true, usedTokensAfter: null });
  });

  it.each<[string, ModelReply, string]>([
    ['the model fails', failWith(400), '400'],
    ['the summary is cut off', runOutOfTokens('It beg'), 'limit of its length'],
    ['the model calls a tool instead', callTool('list', {}), 'no summary'],
    ['the summary is blank', say(' '), 'no summary'],
  ])('keeps its history when %s', async (_title, reply, sentence) => {
    const { session, server } = await start({ rules: [summarizing(reply), { when: () => true, reply: full }] });
    await session.prompt('the long story');

    const result = await session.compact('keep');
    await session.prompt('go on');

    expect(result).toEqual({ succeeded: false, usedTokensAfter: null, detail: expect.stringContaining(sentence) });
    expect(server.requests.at(-1)?.conversation.firstPrompt).toBe('the long story');
    expect(session.contextUsage().usedTokens).toBe(9_000);
  });

  it('has nothing to shorten before the first prompt', async () => {
    const { session } = await start({});

    expect(await session.compact('')).toMatchObject({ succeeded: false, detail: 'There is no history to shorten' });
  });

  it('stops when it is closed', async () => {
    const { session, server } = await start({
      rules: [summarizing(() => new Promise<ModelReply>(() => undefined)), { when: () => true, reply: full }],
    });
    await session.prompt('go');
    const compaction = session.compact('');
    await server.received(2);

    await session.close();

    expect(await compaction).toEqual({ succeeded: false, usedTokensAfter: null, detail: 'Interrupted' });
  });

  it('is not hindered by the interruption before it', async () => {
    const { session } = await start({
      rules: [
        summarizing(say('Short.')),
        {
          when: () => true,
          reply: () => {
            session.interrupt();
            return callTool('list', {});
          },
        },
      ],
    });
    await session.prompt('go');

    expect(await session.compact('')).toMatchObject({ succeeded: true });
  });
});

describe('EmbeddedRuntime options', () => {
  it.each([
    'stepLimit',
    'attempts',
    'longestWaitMs',
    'modelIdleMs',
    'commandTimeoutMs',
    'commandTimeoutLimitMs',
    'outputBytes',
  ])('refuses a %s that is out of range', (key) => {
    expect(() => new EmbeddedRuntime(new ProcessCommandRunner(), { [key]: -1 })).toThrow(
      expect.objectContaining({ code: 'AGENTS_OPTIONS_INVALID', message: expect.stringContaining(key) }),
    );
    expect(() => new EmbeddedRuntime(new ProcessCommandRunner(), { [key]: 1_000.5 })).toThrow(key);
  });
});
