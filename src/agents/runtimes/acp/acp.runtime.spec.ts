import { existsSync, realpathSync, watch } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { contractProfile } from '../../../../test/contracts/agent-runtime.contract.js';
import { GateDoubles, PlainLauncher } from '../../../../test/support/acp-doubles.js';
import { FakeClock } from '../../../testing/index.js';
import type { AgentProfile } from '../../agent-profile.js';
import type { SessionSpec } from '../../agent-runtime.port.js';
import type { AgentEvent } from '../../agents.types.js';
import { installationOf } from '../installation-of.js';
import { AcpRuntime } from './acp.runtime.js';
import type { AcpRuntimeModuleOptions } from './acp.options.js';

const AGENT = fileURLToPath(new URL('../../../../test/fixtures/acp/scripted-agent.mjs', import.meta.url));

interface Given {
  readonly script?: object;
  readonly profile?: Partial<AgentProfile>;
  readonly options?: AcpRuntimeModuleOptions;
  readonly home?: string;
}

const cleanUps: (() => Promise<unknown>)[] = [];

async function endAll(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}

/** An agent that plays a script, driven by its command alone unless the profile names a preset. */
async function prepare({ script = {}, profile = {}, options }: Given = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'acp-'));
  cleanUps.push(() => rm(directory, { recursive: true, force: true }));
  const workspace = join(directory, 'workspace');
  await mkdir(workspace);
  const events: AgentEvent[] = [];
  const listeners = new Set<() => void>();
  const clock = new FakeClock();
  const launcher = new PlainLauncher();
  const gates = new GateDoubles();
  const runtime = new AcpRuntime(launcher, gates, options, clock);
  const spec: SessionSpec = {
    issue: { owner: 'mosaic', repo: 'sum', number: 7 },
    profile: {
      ...contractProfile,
      runtime: 'acp',
      command: [process.execPath, AGENT, JSON.stringify(script)],
      ...profile,
    },
    workspace,
    home: join(directory, 'home'),
    instructions: 'You are the agent of a test.',
    onEvent: (event) => {
      events.push(event);
      for (const look of listeners) look();
    },
  };
  /** Resolves when an event is told that looks like this. */
  const told = (is: (event: AgentEvent) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => events.some(is) && resolve();
      listeners.add(look);
      look();
    });
  const open = async (given: Partial<SessionSpec> = {}) => {
    const session = await runtime.open({ ...spec, ...given });
    cleanUps.push(() => session.close());
    return session;
  };
  return { directory, workspace, events, clock, launcher, gates, runtime, spec, told, open };
}

async function openOne(given: Given = {}) {
  const prepared = await prepare(given);
  return { ...prepared, session: await prepared.open() };
}

const says = (text: string) => (event: AgentEvent) => event.type === 'text' && event.text.includes(text);
const typed = (type: AgentEvent['type']) => (event: AgentEvent) => event.type === type;

/** The agent's own record of the session. */
async function agentsSession(
  home: string,
  id: string,
): Promise<{ opened: Record<string, unknown>; history: string[] }> {
  return JSON.parse(await readFile(join(home, 'user', 'sessions', `${id}.json`), 'utf8')) as never;
}

async function appears(directory: string, name: string): Promise<void> {
  const watcher = watch(directory);
  await new Promise<void>((resolve) => {
    const look = () => existsSync(join(directory, name)) && resolve();
    watcher.on('change', look);
    look();
  });
  watcher.close();
}

describe('AcpRuntime', () => {
  afterEach(endAll);

  it('works through a turn, and tells what its agent does', async () => {
    const turns = {
      'Do it.': [
        { do: 'think', text: 'Hm.' },
        { do: 'say', text: 'I ' },
        { do: 'say', text: 'write.' },
        { do: 'usage', used: 1_000, size: 10_000 },
        { do: 'write', path: 'a.txt', content: 'one' },
        { do: 'run', command: 'exit 3' },
        { do: 'say', text: 'Done.' },
        { do: 'usage', used: 2_000, size: 10_000 },
      ],
    };
    const { session, events, workspace, launcher, gates } = await openOne({ script: { turns } });
    expect(session.capabilities).toEqual({ resume: true, compact: false, usage: 'never' });
    expect(session.contextUsage()).toEqual({ usedTokens: null, windowTokens: 12_000, usableTokens: 10_000 });

    expect(await session.prompt('Do it.')).toEqual({
      stop: 'end_turn',
      text: 'Done.',
      detail: null,
      retryAfterMs: null,
    });

    expect(await readFile(join(workspace, 'a.txt'), 'utf8')).toBe('one');
    expect(session.capabilities.usage).toBe('live');
    expect(session.contextUsage()).toEqual({ usedTokens: 2_000, windowTokens: 12_000, usableTokens: 8_000 });
    expect(events).toContainEqual({ type: 'text', text: 'I write.' });
    expect(events).toContainEqual({ type: 'tool-started', tool: 'write', summary: 'a.txt' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended', tool: 'write', isError: false }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended', tool: 'bash', isError: true }));
    expect(events.filter(typed('usage'))).toHaveLength(2);
    const [request] = launcher.requests;
    expect(request?.confinement).toMatchObject({ network: { socket: '/nowhere.sock' } });
    expect(JSON.stringify([request?.env, request?.confinement?.network?.environment])).not.toContain(
      contractProfile.apiKey,
    );
    expect(gates.specs[0]?.model).toEqual({
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
      apiKey: contractProfile.apiKey,
      model: contractProfile.model,
    });
  });

  it('lets an agent change its workspace and its own home, and nothing that the coordinator keeps', async () => {
    const { open, launcher, spec, workspace } = await prepare({ options: { readable: ['/opt/agents'] } });
    await open({ readable: ['/objects/of/the/mirror'] });

    const confinement = launcher.requests[0]?.confinement;

    expect(confinement?.writable).toEqual([workspace, join(spec.home, 'user'), join(spec.home, 'tmp')]);
    expect(confinement?.readable).toEqual(
      expect.arrayContaining([
        installationOf(realpathSync(process.execPath)),
        AGENT,
        '/opt/agents',
        '/objects/of/the/mirror',
      ]),
    );
  });

  it('tells the commands of an agent how they reach the hosts that are allowed', async () => {
    const { launcher } = await openOne();

    expect(launcher.requests[0]?.confinement?.network?.environment).toMatchObject({ HTTPS_PROXY: '{address}' });
  });

  it('tells what is spent as the way out sees it', async () => {
    const { session, events, gates } = await openOne({ script: { turns: { a: [] } } });
    const use = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
    await session.prompt('a');

    gates.specs[0]?.onUse?.(use);

    expect(events).toContainEqual({ type: 'spend', spend: use });
  });

  it('knows from the way out why a turn failed, whatever the agent says', async () => {
    const { session, gates, told } = await openOne({
      script: {
        turns: {
          a: [
            { do: 'say', text: 'API Error' },
            { do: 'ask', method: 'session/request_permission', params: {} },
          ],
        },
      },
    });
    const turn = session.prompt('a');
    await told(typed('activity'));
    gates.specs[0]?.onModelFailure?.({ status: 429, detail: 'slow down', retryAfterMs: 5 });

    expect(await turn).toMatchObject({ stop: 'rate_limit', detail: expect.stringContaining('slow down') });
  });

  it('does not take a turn for done whose calls the way out refused', async () => {
    const { session, gates, told } = await openOne({
      script: {
        turns: {
          a: [
            { do: 'say', text: 'Sorry.' },
            { do: 'run', command: 'true' },
          ],
        },
      },
    });
    const turn = session.prompt('a');
    await told(typed('activity'));
    gates.specs[0]?.onRefusal?.('CONNECT example.org:443');
    gates.specs[0]?.onRefusal?.('POST /v1/responses: it holds the tool "web_search"');

    expect(await turn).toMatchObject({ stop: 'error', detail: expect.stringContaining('web_search') });
  });

  it('forgets a refusal that the model answered after', async () => {
    const { session, gates, told } = await openOne({ script: { turns: { a: [{ do: 'say', text: 'x' }] } } });
    const turn = session.prompt('a');
    await told(typed('activity'));
    const [spec] = gates.specs;
    spec?.onModelFailure?.({ status: 429, detail: '', retryAfterMs: null });
    spec?.onUse?.({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 });

    expect(await turn).toMatchObject({ stop: 'end_turn' });
  });

  it.each([
    ['max_turn_requests', 'max_turns'],
    ['refusal', 'refusal'],
    ['max_tokens', 'error'],
    ['cancelled', 'error'],
    ['unheard-of', 'error'],
  ])('takes the stop reason %s for %s', async (reason, stop) => {
    const { session } = await openOne({ script: { turns: { a: [{ do: 'stop', reason }] } } });

    expect(await session.prompt('a')).toMatchObject({ stop });
  });

  it('takes an answer that was cut off for a full window where it is nearly full', async () => {
    const turns = {
      a: [
        { do: 'usage', used: 9_500, size: 12_000 },
        { do: 'stop', reason: 'max_tokens' },
      ],
    };
    const { session } = await openOne({ script: { turns } });

    expect(await session.prompt('a')).toMatchObject({ stop: 'context_exhausted' });
  });

  it.each([
    [{ code: -32_000, message: 'Authentication required' }, 'error', 'Authentication required'],
    [{ code: -32_603, message: 'Internal error', data: { details: 'the disk broke' } }, 'error', 'the disk broke'],
  ])('takes the error %j for %s: what it says of keys is not believed', async (error, stop, detail) => {
    const { session } = await openOne({ script: { turns: { a: [{ do: 'fail', ...error }] } } });

    expect(await session.prompt('a')).toMatchObject({ stop, detail: expect.stringContaining(detail) });
    expect(await session.prompt('b')).toMatchObject({ stop: 'end_turn' });
  });

  it('knows that a tool runs from the question whether it may', async () => {
    const toolCall = { toolCallId: 'one', title: 'npm test', kind: 'execute', status: 'pending' };
    const options = [{ optionId: 'once', name: 'Once', kind: 'allow_once' }];
    const update = { sessionUpdate: 'tool_call_update', toolCallId: 'one', status: 'completed' };
    const turns = {
      a: [
        { do: 'ask', method: 'session/request_permission', params: { toolCall, options } },
        { do: 'update', update },
      ],
    };
    const { session, events } = await openOne({ script: { turns } });

    await session.prompt('a');

    const tools = events.filter(({ type }) => type.startsWith('tool-'));
    expect(tools).toMatchObject([
      { type: 'tool-started', tool: 'execute', summary: 'npm test' },
      { type: 'tool-ended', isError: false },
    ]);
  });

  it('answers what it does not offer, and what it cannot read, with an error', async () => {
    const params = { sessionId: 'x', path: '/etc/passwd' };
    const turns = {
      a: [
        { do: 'ask', method: 'fs/read_text_file', params },
        { do: 'ask', method: 'terminal/create', params: { command: 'sh' } },
        { do: 'ask', method: '_unknown/thing', params: {} },
      ],
      b: [{ do: 'ask', method: 'session/request_permission', params: { options: 'all' } }],
    };
    const { session } = await openOne({ script: { turns } });

    const unknown = await session.prompt('a');
    const unreadable = await session.prompt('b');

    expect(unknown.text.match(/-32601/g)).toHaveLength(3);
    expect(unreadable.text).toContain('-32602');
  });

  it('passes over what is no message, what nobody asked for and what is not known', async () => {
    const turns = {
      a: [
        { do: 'raw', line: 'Warning: something' },
        { do: 'raw', line: '[1]' },
        { do: 'raw', line: '{"jsonrpc":"2.0","id":77,"result":{}}' },
        { do: 'raw', line: '{"jsonrpc":"2.0","method":"_something/new","params":{}}' },
        { do: 'raw', line: '{"jsonrpc":"2.0","method":"session/update","params":7}' },
        {
          do: 'raw',
          line: '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"other","update":{"sessionUpdate":"usage_update","used":5,"size":9}}}',
        },
        { do: 'update', update: { sessionUpdate: 'next_year', content: 1 } },
        { do: 'usage', used: 0, size: 12_000 },
        { do: 'say', text: 'Fine.' },
      ],
    };
    const { session } = await openOne({ script: { turns } });

    expect(await session.prompt('a')).toMatchObject({ stop: 'end_turn', text: 'Fine.' });
    expect(session.contextUsage().usedTokens).toBeNull();
    expect(session.capabilities.usage).toBe('never');
  });

  it('ends an agent that sends more than it may in one message', async () => {
    const { session, launcher, gates } = await openOne({
      script: { turns: { a: [{ do: 'huge', bytes: 5_000 }, { do: 'hang' }] } },
      options: { messageBytes: 4_096 },
    });

    expect(await session.prompt('a')).toMatchObject({
      stop: 'crashed',
      detail: expect.stringContaining('more than 4096 bytes'),
    });
    expect(existsSync(`/proc/${launcher.pids[0]}`)).toBe(false);
    expect(gates.closed).toBe(1);
  });

  it('says how an agent ended in the middle of a turn, and what it said last, without its token', async () => {
    const { session } = await openOne({
      script: {
        turns: {
          a: [
            { do: 'run', command: 'true' },
            { do: 'stderr', text: `${'x'.repeat(9_000)} bad token gate-token-1234567890\n` },
            { do: 'crash', code: 9 },
          ],
        },
      },
    });

    const turn = await session.prompt('a');

    expect(turn).toMatchObject({ stop: 'crashed', detail: expect.stringContaining('exit code 9') });
    expect(turn.detail).toContain('bad token [token]');
    expect(turn.detail?.length).toBeLessThan(600);
    expect(await session.prompt('b')).toMatchObject({ stop: 'crashed' });
    expect(await session.compact('')).toMatchObject({ succeeded: false });
  });

  it('ends an agent that closes its output and stays', async () => {
    const { session, clock, launcher, told } = await openOne({
      script: { turns: { a: [{ do: 'say', text: 'Bye.' }, { do: 'close-output' }] } },
    });
    const turn = session.prompt('a');
    await told(typed('activity'));
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);

    expect(await turn).toMatchObject({ stop: 'crashed', detail: 'It closed its output' });
    expect(existsSync(`/proc/${launcher.pids[0]}`)).toBe(false);
  });

  it('interrupts a turn with its command', async () => {
    const turns = { a: [{ do: 'run', command: 'touch begun && exec sleep 600' }], b: [{ do: 'say', text: 'Back.' }] };
    const { session, workspace } = await openOne({ script: { turns } });
    const turn = session.prompt('a');
    await appears(workspace, 'begun');
    expect(await session.prompt('b')).toMatchObject({ stop: 'error', detail: expect.stringContaining('busy') });
    expect(await session.compact('')).toMatchObject({ succeeded: false, detail: expect.stringContaining('busy') });

    session.interrupt();
    session.interrupt();

    expect(await turn).toMatchObject({ stop: 'interrupted', detail: null });
    expect(await session.prompt('b')).toMatchObject({ stop: 'end_turn', text: 'Back.' });
  });

  it('ends an agent that does not stop when it is asked to', async () => {
    const { session, clock, told } = await openOne({
      script: { ignoresTerm: true, turns: { a: [{ do: 'say', text: 'On and on.' }, { do: 'hang' }] } },
      options: { interruptGraceMs: 500 },
    });
    const turn = session.prompt('a');
    await told(typed('activity'));

    session.interrupt();
    clock.advance(499);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);

    expect(await turn).toMatchObject({ stop: 'crashed', detail: expect.stringContaining('did not end its turn') });
  });

  it('takes no notice of an interruption while no turn runs', async () => {
    const { session, clock } = await openOne();

    session.interrupt();

    expect(clock.sleeping).toBe(0);
    expect(await session.prompt('a')).toMatchObject({ stop: 'end_turn' });
  });

  it('shortens a history by the command that the agent offers, and repeats what must survive', async () => {
    const turns = {
      first: [{ do: 'usage', used: 8_000, size: 12_000 }],
      '/compact': [
        { do: 'update', update: { sessionUpdate: 'compaction_update', compactionId: '1', status: 'completed' } },
        { do: 'usage', used: 900, size: 12_000 },
      ],
    };
    const { session, spec } = await openOne({ script: { turns, commands: ['help', 'compact'] } });
    await session.prompt('first');
    expect(session.capabilities.compact).toBe(true);

    expect(await session.compact('Sum, never subtract.')).toEqual({
      succeeded: true,
      usedTokensAfter: 900,
      detail: null,
    });
    await session.prompt('next');
    await session.prompt('last');

    const { history } = await agentsSession(spec.home, session.ref.id);
    expect(history).toEqual([
      'You are the agent of a test.\n\nfirst',
      '/compact',
      'What must not be lost of what was said before:\nSum, never subtract.\n\nnext',
      'last',
    ]);
  });

  it('says that it cannot shorten a history without such a command', async () => {
    const { session } = await openOne();

    expect(await session.compact('x')).toMatchObject({
      succeeded: false,
      detail: expect.stringContaining('no command'),
    });
  });

  it('does not wait for ever for a shorter history', async () => {
    const turns = { '/compact': [{ do: 'say', text: 'Hm.' }, { do: 'hang' }] };
    const { session, clock, told } = await openOne({ script: { turns, commands: ['compact'] } });
    await session.prompt('first');
    const compaction = session.compact('');
    await told(typed('activity'));

    clock.advance(600_000);

    expect(await compaction).toMatchObject({
      succeeded: false,
      detail: expect.stringContaining('did not come to an end'),
    });
  });

  it.each(['resume', 'load'])(
    'goes on with a session by session/%s, and listens to nothing of its past',
    async (resume) => {
      const turns = { first: [{ do: 'usage', used: 1_400, size: 12_000 }], second: [{ do: 'say', text: 'Again.' }] };
      const { session, open, events } = await openOne({ script: { turns, resume } });
      await session.prompt('first');
      await session.close();

      const resumed = await open({ resume: session.ref });

      expect(resumed.ref).toEqual(session.ref);
      expect(resumed.contextUsage().usedTokens).toBe(1_400);
      expect(events.filter(says('Old words'))).toEqual([]);
      expect(await resumed.prompt('second')).toMatchObject({ stop: 'end_turn', text: 'Again.' });
    },
  );

  it.each([{ resume: 'none' }, { forgets: true }])(
    'cannot go on with a session where the agent is %j',
    async (script) => {
      const { session, open, gates } = await openOne({ script });
      await session.close();

      await expect(open({ resume: session.ref })).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
      expect(session.capabilities.resume).toBe(script.resume === undefined);
      expect(gates.closed).toBe(2);
    },
  );

  it.each(['00000000-0000-4000-8000-00000000dead', '../../etc/passwd', ''])(
    'starts nothing for a session that it did not open: %s',
    async (id) => {
      const { open, launcher } = await prepare();

      await expect(open({ resume: { runtime: 'acp', id } })).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
      expect(launcher.requests).toEqual([]);
    },
  );

  it('says so when the agent ends while it goes on with a session', async () => {
    const { session, open } = await openOne({ script: { onResume: 'crash' } });
    await session.close();

    await expect(open({ resume: session.ref })).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining('exit code 4'),
    });
  });

  it.each([
    [{ version: 2 }, 'version 2 of the protocol'],
    [{ version: 'x' }, 'that it does not name'],
    [{ onStart: 'crash' }, 'exit code 5'],
    [{ namesNoSession: true }, 'without a name'],
    [{ needsLogin: true }, 'only a person can do'],
  ])('is not started with an agent that is %j', async (script, sentence) => {
    const { open, gates, launcher } = await prepare({ script });

    await expect(open()).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining(sentence),
    });
    expect(gates.closed).toBe(1);
    expect(existsSync(`/proc/${launcher.pids[0]}`)).toBe(false);
  });

  it('does not wait for ever for an agent to start', async () => {
    const { open, clock } = await prepare({ script: { onStart: 'hang' } });
    const opening = open().then(
      () => null,
      (error: unknown) => error,
    );
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));

    clock.advance(120_000);

    expect(await opening).toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining('within 120000 ms'),
    });
  });

  it('logs in by the way of the preset, and gives up where that is not enough', async () => {
    const gemini = { preset: 'gemini' };
    const { session } = await openOne({
      script: { needsLogin: true, authMethods: ['gemini-api-key'] },
      profile: gemini,
    });
    expect(session.ref.runtime).toBe('acp');

    const other = await prepare({ script: { needsLogin: true, authMethods: ['browser'] }, profile: gemini });
    await expect(other.open()).rejects.toMatchObject({ code: 'AGENTS_SPAWN_FAILED' });
  });

  it.each([
    [{ command: ['no-such-agent'] as const }, 'The agent no-such-agent was not found. Name a program'],
    [{ command: ['./agent'] as const }, 'give its absolute path'],
    [{ command: null, preset: 'opencode' }, 'Install it (npm install -g opencode-ai)'],
    [{ command: null, preset: null }, 'Give it a command, or one of the presets: claude-agent-acp, codex-acp'],
    [{ preset: 'unheard-of' }, 'Give it a command, or one of the presets'],
  ])('says what is missing for %j', async (profile, sentence) => {
    const { open } = await prepare({ profile, options: { commandPath: 'relative:/nonexistent' } });

    await expect(open()).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining(sentence),
    });
  });

  it('says that it cannot be started without a workspace, or where its program is none', async () => {
    const { open, directory, launcher } = await prepare();
    await expect(open({ workspace: join(directory, 'missing') })).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
    });
    expect(launcher.requests).toEqual([]);

    for (const program of ['/usr/bin/true', '/etc/passwd', '/etc']) {
      const broken = await prepare({ profile: { command: [program] }, options: { stderrBytes: 0 } });
      const opening = broken.open().then(
        () => null,
        (error: unknown) => error,
      );
      expect(await opening).toMatchObject({ code: 'AGENTS_SPAWN_FAILED' });
    }
  });

  it('says that its home cannot be written', async () => {
    const { open, spec, gates } = await prepare({ profile: { preset: 'codex-acp' } });
    const user = join(spec.home, 'user');
    const openGate = gates.open.bind(gates);
    gates.open = async (given) => {
      await rm(user, { recursive: true });
      await writeFile(user, 'a file');
      return openGate(given);
    };

    await expect(open()).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining('home'),
    });
    expect(gates.closed).toBe(1);
  });

  it('says that there is no way to the model', async () => {
    const { open, gates, launcher } = await prepare();
    gates.open = () => Promise.reject(new Error('no socket'));

    await expect(open()).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: 'The agent has no way to its model: no socket',
    });
    expect(launcher.requests).toEqual([]);
  });

  it.each([
    ['a link to a directory', '.codex', (outside: string) => outside],
    ['a link to a file', '.codex/AGENTS.md', (outside: string) => join(outside, 'AGENTS.md')],
    ['a link that leads nowhere', '.codex/AGENTS.md', (outside: string) => join(outside, 'new.txt')],
  ])('writes its files over %s that an agent left, and not through it', async (_, planted, target) => {
    const { open, spec, directory } = await prepare({ profile: { preset: 'codex-acp' } });
    const [outside, user] = [join(directory, 'outside'), join(spec.home, 'user')];
    await mkdir(outside);
    await writeFile(join(outside, 'AGENTS.md'), 'of the coordinator');
    await mkdir(join(user, planted, '..'), { recursive: true });
    await symlink(target(outside), join(user, planted));

    await open();

    expect(await readdir(outside)).toEqual(['AGENTS.md']);
    expect(await readFile(join(outside, 'AGENTS.md'), 'utf8')).toBe('of the coordinator');
    expect(await readFile(join(user, '.codex', 'AGENTS.md'), 'utf8')).toBe('You are the agent of a test.');
  });

  it('writes its files over a directory and over another name of a file outside', async () => {
    const { open, spec, directory } = await prepare({ profile: { preset: 'gemini' } });
    const [outside, folder] = [join(directory, 'outside.txt'), join(spec.home, 'user', '.gemini')];
    await writeFile(outside, 'of the coordinator');
    await mkdir(join(folder, 'GEMINI.md', 'deep'), { recursive: true });
    await link(outside, join(folder, 'settings.json'));

    await open();

    expect(await readFile(outside, 'utf8')).toBe('of the coordinator');
    expect(await readFile(join(folder, 'GEMINI.md'), 'utf8')).toBe('You are the agent of a test.');
  });

  it('writes what is known of a session no more often than the disk takes it', async () => {
    const reports = Array.from({ length: 400 }, (_, used) => ({ do: 'usage', used: used + 1, size: 10_000 }));
    const { session, spec, open } = await openOne({ script: { turns: { a: reports } } });
    const record = join(spec.home, 'acp');
    let writes = 0;
    const watcher = watch(record, (event) => (writes += event === 'rename' ? 1 : 0));

    await session.prompt('a');
    await new Promise((resolve) => setImmediate(resolve));
    watcher.close();
    await session.close();

    // Two names change with each.
    expect(writes).toBeLessThan(400);
    expect((await open({ resume: session.ref })).contextUsage()).toMatchObject({ usedTokens: 400 });
  });

  it('does nothing once it is closed, and its turn ends as interrupted', async () => {
    const turns = { a: [{ do: 'run', command: 'touch begun && exec sleep 600' }] };
    const { session, workspace, launcher, gates } = await openOne({ script: { turns } });
    const turn = session.prompt('a');
    await appears(workspace, 'begun');

    await session.close();

    expect(await turn).toMatchObject({ stop: 'interrupted' });
    expect(existsSync(`/proc/${launcher.pids[0]}`)).toBe(false);
    expect(await session.prompt('a')).toMatchObject({ stop: 'interrupted' });
    expect(await session.compact('')).toMatchObject({ succeeded: false, usedTokensAfter: null });
    await session.close();
    expect(gates.closed).toBe(1);
  });

  it('lets an agent save its session where that needs its orderly end', async () => {
    const { session, spec, open } = await openOne({ script: { savesOnExit: true }, profile: { preset: 'gemini' } });
    await session.close();
    expect(existsSync(join(spec.home, 'user', 'ended.txt'))).toBe(true);

    const again = await open();
    await again.close();
  });

  it('refuses options that are out of range', () => {
    const make = (options: AcpRuntimeModuleOptions) => () =>
      new AcpRuntime(new PlainLauncher(), new GateDoubles(), options);

    expect(make({ startTimeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'AGENTS_OPTIONS_INVALID' }));
    expect(make({ messageBytes: 1.5 })).toThrow('messageBytes');
    expect(make({})).not.toThrow();
  });
});

describe('the presets', () => {
  afterEach(endAll);

  it.each([
    ['claude-agent-acp', 'ANTHROPIC_BASE_URL'],
    ['codex-acp', 'CODEX_CONFIG'],
    ['opencode', 'OPENCODE_CONFIG_CONTENT'],
    ['gemini', 'GOOGLE_GEMINI_BASE_URL'],
  ])('%s gets its model address and token, and never the key', async (preset, variable) => {
    const { session, launcher } = await openOne({ profile: { preset } });

    const environment = launcher.requests[0]?.confinement?.network?.environment ?? {};

    expect(environment[variable]).toContain('{address}');
    expect(JSON.stringify(environment)).toContain('gate-token-1234567890');
    expect(JSON.stringify(environment)).not.toContain(contractProfile.apiKey);
    expect(session.contextUsage().windowTokens).toBe(12_000);
  });

  it('tells Claude Code its instructions and limits with each session, again when it is resumed', async () => {
    const { session, spec, open } = await openOne({ profile: { preset: 'claude-agent-acp', windowTokens: 200_000 } });
    expect(session.contextUsage().usableTokens).toBe(177_000);
    expect(session.capabilities).toEqual({ resume: true, compact: true, usage: 'live' });

    const { opened } = await agentsSession(spec.home, session.ref.id);
    expect(opened['_meta']).toMatchObject({
      systemPrompt: { append: 'You are the agent of a test.' },
      claudeCode: { options: { settingSources: [], strictMcpConfig: true } },
    });
    await session.close();
    expect((await open({ resume: session.ref })).ref).toEqual(session.ref);
  });

  it('gives Claude Code the words on what to keep', async () => {
    const { session, spec } = await openOne({ profile: { preset: 'claude-agent-acp' } });

    await session.compact('The criteria.');

    const { history } = await agentsSession(spec.home, session.ref.id);
    expect(history).toEqual(['/compact The criteria.']);
  });

  it('writes the instructions of the others into their homes', async () => {
    const { spec } = await openOne({ profile: { preset: 'codex-acp', windowTokens: null } });

    const text = await readFile(join(spec.home, 'user', '.codex', 'AGENTS.md'), 'utf8');

    expect(text).toBe('You are the agent of a test.');
  });

  it.each([
    ['opencode', 'google', '/v1beta'],
    [null, 'openai', 'OPENAI_BASE_URL'],
    [null, 'google', 'GOOGLE_GEMINI_BASE_URL'],
  ] as const)('reaches a model of the protocol: %s, %s', async (preset, protocol, expected) => {
    const { launcher, gates } = await openOne({ profile: { preset, protocol, windowTokens: null } });

    expect(JSON.stringify(launcher.requests[0]?.confinement?.network?.environment)).toContain(expected);
    expect(gates.specs[0]?.model?.protocol).toBe(protocol);
  });

  it('ends what can be filled where Codex shortens its history by itself', async () => {
    const turns = { a: [{ do: 'usage', used: 10, size: 190_000 }] };
    const { session } = await openOne({ script: { turns }, profile: { preset: 'codex-acp', windowTokens: 200_000 } });
    expect(session.contextUsage()).toEqual({ usedTokens: null, windowTokens: 200_000, usableTokens: 180_000 });

    await session.prompt('a');

    expect(session.contextUsage()).toEqual({ usedTokens: 10, windowTokens: 200_000, usableTokens: 180_000 });
  });
});
