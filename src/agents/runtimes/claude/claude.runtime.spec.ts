import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { scenarioProfile } from '../../../../test/contracts/agent-scenario.contract.js';
import {
  FakeEgress,
  FakeLauncher,
  fakeSdk,
  type FakeQuery,
  type FakeScript,
  type FakeTurn,
} from '../../../../test/support/fake-claude.js';
import { FakeClock, SeededRandomness } from '../../../testing/index.js';
import type { AgentProfile } from '../../agent-profile.js';
import type { AgentEvent } from '../../agents.types.js';
import type { ClaudeRuntimeModuleOptions } from './claude.options.js';
import { ClaudeRuntime } from './claude.runtime.js';
import { importClaudeSdk } from './load-claude-sdk.js';
import { installationOf } from '../installation-of.js';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Given {
  readonly turn?: FakeTurn;
  readonly script?: Partial<FakeScript>;
  readonly options?: ClaudeRuntimeModuleOptions;
  readonly profile?: Partial<AgentProfile>;
  readonly spawn?: Record<string, unknown> | null;
  readonly launcher?: FakeLauncher;
  readonly egress?: FakeEgress;
  readonly load?: () => Promise<unknown>;
  readonly resume?: string;
}

/** A runtime before a fake SDK, and what a session of it is opened with. */
async function make(given: Given = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'claude-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, 'workspace'));
  const script: FakeScript = { prompts: [], queries: [], ...given.script };
  if (given.turn !== undefined) script.turn = given.turn;
  const { launcher = new FakeLauncher(), egress = new FakeEgress() } = given;
  const clock = new FakeClock();
  const load = given.load ?? (() => Promise.resolve(fakeSdk(script, given.spawn)));
  const runtime = new ClaudeRuntime(launcher, egress, given.options, clock, new SeededRandomness(), load);
  const events: AgentEvent[] = [];
  const spec = {
    issue: { owner: 'mosaic', repo: 'sum', number: 7 },
    profile: { ...scenarioProfile, ...given.profile },
    workspace: join(directory, 'workspace'),
    home: join(directory, 'home'),
    instructions: 'Keep to the rules.',
    ...(given.resume === undefined ? {} : { resume: { runtime: 'claude', id: given.resume } }),
    onEvent: (event: AgentEvent) => void events.push(event),
  };
  const query = () => script.queries.at(-1) as FakeQuery;
  return { directory, script, launcher, egress, clock, runtime, events, spec, query };
}

async function start(given: Given = {}) {
  const made = await make(given);
  const session = await made.runtime.open(made.spec);
  cleanUps.push(() => session.close());
  return { ...made, session };
}

const ID = '11111111-2222-4333-8444-555555555555';
const result = (fields: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  terminal_reason: 'completed',
  stop_reason: 'end_turn',
  result: '',
  ...fields,
});
const stream = (event: object) => ({ type: 'stream_event', event, parent_tool_use_id: null });
const callStarts = (input_tokens: number) =>
  stream({ type: 'message_start', message: { usage: { input_tokens, output_tokens: 1 } } });
const CALL_ENDS = stream({ type: 'message_stop' });
const answer = (...content: object[]) => ({ type: 'assistant', message: { model: 'm', content } });
const text = (words: string) => ({ type: 'text', text: words });
const bash = (id: string, command = 'npm test') => ({ type: 'tool_use', id, name: 'Bash', input: { command } });
const toolResult = (id: string) => ({
  type: 'user',
  message: { content: [{ type: 'tool_result', tool_use_id: id, is_error: false }] },
});
const retry = (waitMs: number) => ({
  type: 'system',
  subtype: 'api_retry',
  error_status: 429,
  error: 'rate_limit',
  retry_delay_ms: waitMs,
});
const answering: FakeTurn = (query) => query.say(callStarts(30_000), answer(text('Done.')), CALL_ENDS, result());

describe('ClaudeRuntime, opening a session', () => {
  it('starts Claude Code confined, with an environment of its own and nothing of the repository', async () => {
    const { launcher, egress, query, spec } = await start();

    const [request] = launcher.requests;
    expect(request?.argv).toEqual([realpathSync(process.execPath), '--sdk']);
    expect(request?.cwd).toBe(realpathSync(spec.workspace));
    expect(request?.env).toMatchObject({
      HOME: join(spec.home, 'user'),
      CLAUDE_CONFIG_DIR: join(spec.home, 'claude'),
      ANTHROPIC_API_KEY: 'token-of-the-gate',
      ANTHROPIC_MODEL: 'scenario-model',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '8192',
      DISABLE_AUTO_COMPACT: '1',
    });
    expect(JSON.stringify(request)).not.toContain(String(scenarioProfile.apiKey));
    expect(request?.env).not.toHaveProperty('CLAUDE_UNSET');
    expect(request?.confinement).toMatchObject({
      writable: expect.arrayContaining([spec.workspace, join(spec.home, 'claude')]),
      readable: [installationOf(realpathSync(process.execPath))],
      network: { socket: '/run/gate.sock', environment: { ANTHROPIC_BASE_URL: '{address}', HTTPS_PROXY: '{address}' } },
    });
    expect(query().options).toMatchObject({
      sessionId: '00000000-0000-4000-8000-000000000001',
      settingSources: [],
      strictMcpConfig: true,
      tools: ['Bash', 'Read', 'Write', 'Edit', 'Glob', 'Grep'],
      systemPrompt: { preset: 'claude_code', append: 'Keep to the rules.' },
    });
    expect(egress.specs[0]?.model).toEqual({
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
      apiKey: scenarioProfile.apiKey,
      model: 'scenario-model',
    });
  });

  it('sends the model to the address of the profile', async () => {
    const { egress } = await start({ profile: { baseUrl: 'http://localhost:8080' } });

    expect(egress.specs[0]?.model?.baseUrl).toBe('http://localhost:8080');
  });

  it('goes on with a session, and knows how full it is before the first call', async () => {
    const { session, query, events } = await start({ resume: ID });

    expect(query().options).toMatchObject({ resume: ID });
    expect(query().options).not.toHaveProperty('sessionId');
    expect(session.ref).toEqual({ runtime: 'claude', id: ID });
    expect(session.contextUsage().usedTokens).toBe(5_000);
    expect(events).toEqual([{ type: 'usage', usage: session.contextUsage() }]);
  });

  it('does not know how full a new session is, and takes the smaller window', async () => {
    const onStart = (query: FakeQuery) => (query.report = { totalTokens: 5_000, rawMaxTokens: 100_000 });
    const { session } = await start({ script: { onStart } });

    expect(session.contextUsage()).toEqual({ usedTokens: null, windowTokens: 100_000, usableTokens: 77_000 });
  });

  it('keeps to the window of the profile where Claude Code does not tell one, and to unknown', async () => {
    const onStart = (query: FakeQuery) => (query.report = new Error('not now'));
    const known = await start({ script: { onStart }, profile: { maxOutputTokens: 64_000 } });
    const unknown = await start({ profile: { windowTokens: null } });

    expect(known.session.contextUsage()).toEqual({ usedTokens: null, windowTokens: 200_000, usableTokens: 136_000 });
    expect(unknown.session.contextUsage()).toEqual({ usedTokens: null, windowTokens: null, usableTokens: null });
  });

  it.each(['../../etc/passwd', 'latest', ''])('knows without asking that %p names no session', async (resume) => {
    const { runtime, spec, launcher } = await make({ resume });

    await expect(runtime.open(spec)).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
    expect(launcher.requests).toEqual([]);
  });

  it('says that a session is not there any more, and leaves nothing', async () => {
    const onStart = () => Promise.reject(new Error(`No conversation found with session ID: ${ID}`));
    const { runtime, spec, launcher, egress } = await make({ script: { onStart }, resume: ID });

    await expect(runtime.open(spec)).rejects.toMatchObject({ code: 'AGENTS_SESSION_UNKNOWN' });
    expect([launcher.ends > 0, egress.closed]).toEqual([true, 1]);
  });

  it('says why Claude Code did not start, with its last words', async () => {
    const launcher = new FakeLauncher();
    const onStart = () => {
      launcher.stderr.write('bad flag\n');
      launcher.die(1, null);
      return Promise.reject(new Error('it ended'));
    };
    const { runtime, spec } = await make({ script: { onStart }, launcher });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringMatching(/it ended.*exit code 1; it said: bad flag/),
    });
  });

  it('says why its program could not be launched', async () => {
    const launcher = new FakeLauncher('The program claude may not be run by this user');
    const onStart = (query: FakeQuery) => query.failed;
    const { runtime, spec } = await make({ script: { onStart }, launcher });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining('may not be run'),
    });
  });

  it('does not wait for ever for Claude Code to start', async () => {
    const onStart = () => new Promise(() => undefined);
    const { runtime, spec, clock, launcher, egress } = await make({ script: { onStart } });
    const opening = runtime.open(spec);
    while (launcher.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));

    clock.advance(120_000);

    await expect(opening).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining('did not answer within 120000 ms'),
    });
    expect([launcher.ends > 0, egress.closed]).toEqual([true, 1]);
  });

  it('leaves nothing where the SDK finds nothing to start', async () => {
    const broken = (spawns: boolean) => ({
      query: ({ options }: { options: { spawnClaudeCodeProcess: (request: object) => unknown } }) => {
        if (spawns) options.spawnClaudeCodeProcess({ command: process.execPath, args: [], env: {} });
        throw new Error('Native CLI binary not found');
      },
    });
    const { runtime, spec, egress } = await make({ load: () => Promise.resolve(broken(false)) });
    const later = await make({ load: () => Promise.resolve(broken(true)) });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: 'Claude Code did not start: Native CLI binary not found',
    });
    await expect(later.runtime.open(later.spec)).rejects.toMatchObject({ code: 'AGENTS_SPAWN_FAILED' });
    expect([egress.closed, later.egress.closed, later.launcher.ends]).toEqual([1, 1, 1]);
  });

  it('lets Claude Code read its own program, and nothing that lies around it', async () => {
    const { runtime, spec, launcher, directory } = await make();
    const program = join(directory, 'claude');
    await writeFile(program, '', { mode: 0o755 });
    await writeFile(join(directory, 'secret'), 'of somebody whose home it is');

    const session = await runtime.open({ ...spec, profile: { ...spec.profile, command: [program] } });
    await session.close();

    expect(launcher.requests[0]?.confinement?.readable).toEqual([realpathSync(program)]);
  });

  it('says that there is no way to the model', async () => {
    const { runtime, spec } = await make({ egress: new FakeEgress(new Error('no socket')) });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: 'The agent has no way to its model: no socket',
    });
  });

  it('says how to install the SDK, where it is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const { runtime, spec } = await make({ load: () => Promise.reject(missing) });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringMatching(/npm install @anthropic-ai\/claude-agent-sdk@0\.3\.330\. It is proprietary/),
    });
  });

  it.each([
    [
      'is broken',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'EACCES' })),
      'could not be loaded (EACCES)',
    ],
    ['throws without a code', () => Promise.reject(new Error('x')), 'could not be loaded (no code)'],
    ['is another package', () => Promise.resolve({ query: 1 }), 'has no function query'],
    ['is nothing', () => Promise.resolve(null), 'has no function query'],
  ])('says that an SDK cannot be used that %s', async (_, load, sentence) => {
    const { runtime, spec } = await make({ load });

    await expect(runtime.open(spec)).rejects.toMatchObject({ message: expect.stringContaining(sentence) });
  });

  it('tells once that another version is installed, and uses it', async () => {
    const notices: string[] = [];
    const options = { onNotice: (notice: string) => void notices.push(notice) };
    const spawn = { env: { CLAUDE_AGENT_SDK_VERSION: '0.4.0' } };
    const { runtime, spec } = await start({ options, spawn });

    await (await runtime.open(spec)).close();

    expect(notices).toEqual([expect.stringContaining('is 0.4.0; this runtime was measured with 0.3.330')]);
  });

  it('tells that a version is unknown, to nobody unless asked', async () => {
    const { session } = await start({ spawn: { env: {} } });

    expect(session.capabilities).toEqual({ resume: true, compact: true, usage: 'live' });
  });

  it('takes the program that the profile names, by its path or from PATH, with its links resolved', async () => {
    const { directory } = await make();
    await writeFile(join(directory, 'claude-real'), '');
    await chmod(join(directory, 'claude-real'), 0o755);
    await symlink('claude-real', join(directory, 'claude'));
    const real = realpathSync(join(directory, 'claude-real'));

    const byPath = await start({ profile: { command: [join(directory, 'claude')] }, spawn: { command: 'node' } });
    const byName = await start({ profile: { command: ['claude'] }, options: { commandPath: `/nowhere:${directory}` } });

    expect(byPath.query().options).toMatchObject({ pathToClaudeCodeExecutable: real });
    expect(byPath.launcher.requests[0]?.argv[0]).toBe('node');
    expect(byPath.launcher.requests[0]?.confinement?.readable).toEqual([real]);
    expect(byName.query().options).toMatchObject({ pathToClaudeCodeExecutable: real });
  });

  it.each([
    [['/nowhere/claude'], 'which is not installed'],
    [['claude', '--verbose'], 'without arguments'],
  ] as const)('refuses the command %j', async (command, sentence) => {
    const { runtime, spec } = await make({ profile: { command: [...command] as [string] } });

    await expect(runtime.open(spec)).rejects.toMatchObject({
      code: 'AGENTS_SPAWN_FAILED',
      message: expect.stringContaining(sentence),
    });
  });

  it.each([{ stepLimit: 0 }, { modelRetries: -1 }, { longestWaitMs: 0.5 }, { commandTimeoutMs: NaN }])(
    'refuses %j',
    (options) => {
      const construct = () => new ClaudeRuntime(new FakeLauncher(), new FakeEgress(), options);

      expect(construct).toThrow(expect.objectContaining({ code: 'AGENTS_OPTIONS_INVALID' }));
    },
  );

  it('looks for the package by its name when it is asked to', async () => {
    const found = await importClaudeSdk().then(
      () => 'found',
      (error: unknown) => String(error),
    );

    expect(found).toMatch(/^found$|claude-agent-sdk/);
  });
});

describe('ClaudeRuntime, in a turn', () => {
  it('tells what happens, and what the last call read', async () => {
    const turn: FakeTurn = (query) =>
      query.say(
        { type: 'system', subtype: 'init' },
        callStarts(20_000),
        answer(text('I test.'), bash('call-1', `cd ${query.options.cwd as string}/src && npm test`)),
        CALL_ENDS,
        toolResult('call-1'),
        toolResult('call-unknown'),
        callStarts(21_000),
        answer(text('Done.')),
        CALL_ENDS,
        result(),
      );
    const { session, events } = await start({ turn });

    expect(await session.prompt('Test it.')).toEqual({
      stop: 'end_turn',
      text: 'Done.',
      detail: null,
      retryAfterMs: null,
    });
    expect(session.contextUsage()).toEqual({ usedTokens: 21_000, windowTokens: 200_000, usableTokens: 177_000 });
    expect(events.map((event) => event.type)).toEqual([
      'activity',
      'usage',
      'text',
      'tool-started',
      'tool-ended',
      'usage',
      'text',
    ]);
    expect(events).toContainEqual({ type: 'tool-started', tool: 'Bash', summary: 'cd src && npm test' });
  });

  it('tells what is spent from the gate alone, each call once', async () => {
    const { session, events, egress } = await start({ turn: answering });
    const use = { inputTokens: 30_000, outputTokens: 7, cacheReadTokens: 1, cacheWriteTokens: 2 };

    egress.specs[0]?.onUse?.(use);
    await session.prompt('Go.');
    egress.specs[0]?.onUse?.(use);

    expect(events.filter((event) => event.type === 'spend')).toEqual([
      { type: 'spend', spend: use },
      { type: 'spend', spend: use },
    ]);
  });

  it('does not know its occupancy where a call does not tell it', async () => {
    const silent: FakeTurn = (query) => query.say(callStarts(0), CALL_ENDS, result());
    const { session, script } = await start({ turn: answering });
    await session.prompt('Go.');
    script.turn = silent;

    await session.prompt('Go on.');

    expect(session.contextUsage().usedTokens).toBeNull();
  });

  it('shows a sign of life once a second', async () => {
    const { session, events, clock } = await start({
      turn: (query) => query.say({ type: 'x' }, { type: 'x' }, result()),
    });
    await session.prompt('Go.');
    clock.advance(1_000);
    await session.prompt('Go.');

    expect(events).toEqual([{ type: 'activity' }, { type: 'activity' }]);
  });

  it('never gives a prompt to Claude Code as a command of its own', async () => {
    const { session, script } = await start({ turn: answering });

    await session.prompt('/clear');
    await session.prompt('clear');

    expect(script.prompts).toEqual(['\n/clear', 'clear']);
  });

  it('is busy with one call', async () => {
    const { session, query } = await start();
    const turn = session.prompt('Go.');

    expect(await session.prompt('Go.')).toMatchObject({ stop: 'error', detail: expect.stringContaining('busy') });
    expect(await session.compact('')).toMatchObject({ succeeded: false, detail: expect.stringContaining('busy') });
    query().say(result());
    expect(await turn).toMatchObject({ stop: 'end_turn' });
  });

  it('fails as the model failed, in its own words', async () => {
    const { session, egress, script } = await start();
    const failure = { status: 401, detail: 'invalid x-api-key', retryAfterMs: null };
    script.turn = (query) => {
      egress.specs[0]?.onModelFailure?.(failure);
      const message = { model: '<synthetic>', content: [text('Failed to authenticate.')] };
      query.say({ type: 'assistant', message, error: 'authentication_failed' }, result({ is_error: true }));
    };

    egress.specs[0]?.onModelFailure?.(failure);
    expect(await session.prompt('Go.')).toEqual({
      stop: 'auth',
      text: '',
      detail: "The model's API failed with 401: invalid x-api-key",
      retryAfterMs: null,
    });
  });

  it('forgets a failure that was made good', async () => {
    const { session, egress, script } = await start();
    script.turn = (query) => {
      egress.specs[0]?.onModelFailure?.({ status: 529, detail: 'busy', retryAfterMs: 1 });
      egress.specs[0]?.onUse?.({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 });
      query.say(result({ is_error: true, terminal_reason: 'image_error', result: 'bad image' }));
    };

    expect(await session.prompt('Go.')).toMatchObject({
      stop: 'error',
      detail: 'Claude Code ended the turn: bad image',
    });
  });

  it('tells of retries, and waits for them', async () => {
    const { session, events, egress, script } = await start();
    script.turn = (query) => {
      egress.specs[0]?.onModelFailure?.({ status: 429, detail: '', retryAfterMs: 20 });
      query.say(retry(500), { ...retry(20), error_status: null }, result({ is_error: true, api_error_status: 429 }));
    };

    expect(await session.prompt('Go.')).toMatchObject({ stop: 'rate_limit', retryAfterMs: 20 });
    expect(events).toEqual([
      { type: 'model-retry', detail: "The model's API failed with 429", waitMs: 500 },
      { type: 'model-retry', detail: "The model's API failed with rate_limit", waitMs: 20 },
    ]);
  });

  it('does not wait longer than it may', async () => {
    const onInterrupt = (query: FakeQuery) =>
      query.say(result({ is_error: true, terminal_reason: 'aborted_streaming' }));
    const { session, query, egress, script } = await start({ script: { onInterrupt } });
    script.turn = (q) => {
      egress.specs[0]?.onModelFailure?.({ status: 429, detail: '', retryAfterMs: 3_600_000 });
      q.say(retry(3_600_000));
    };

    expect(await session.prompt('Go.')).toMatchObject({ stop: 'rate_limit', retryAfterMs: 3_600_000 });
    expect(query().interruptions).toBe(1);
  });

  it('ends at the limit of its steps, after the tools of the last one', async () => {
    const answers: unknown[] = [];
    const turn: FakeTurn = async (query) => {
      query.say(callStarts(1_000), answer(bash('call-1')), CALL_ENDS);
      answers.push(await query.hook('PostToolUse', { tool_name: 'Bash' }));
      query.say(toolResult('call-1'), callStarts(2_000), answer(bash('call-2')), CALL_ENDS);
      await query.settled();
      answers.push(await query.hook('PostToolUse', { tool_name: 'Bash' }));
      query.say(result({ terminal_reason: 'hook_stopped' }));
    };
    const { session } = await start({ turn, options: { stepLimit: 2 } });

    expect(await session.prompt('Go.')).toMatchObject({ stop: 'max_turns' });
    expect(answers).toEqual([{}, expect.objectContaining({ continue: false })]);
  });
});

describe('ClaudeRuntime, interrupted', () => {
  it('ends a command that runs', async () => {
    const onInterrupt = (query: FakeQuery) =>
      query.say(result({ subtype: 'error_during_execution', is_error: true, terminal_reason: 'aborted_tools' }));
    const { session, query, events } = await start({ script: { onInterrupt } });
    const turn = session.prompt('Go.');
    query().say(answer(bash('call-1')));
    await query().settled();

    session.interrupt();

    expect(await turn).toMatchObject({ stop: 'interrupted', detail: null });
    expect(query().interruptions).toBe(1);
    expect(events).toContainEqual({ type: 'tool-ended', tool: 'Bash', isError: true, durationMs: 0 });
  });

  it('lets an answer come whole, begins no command of it and does not ask again', async () => {
    const { session, query } = await start();
    const turn = session.prompt('Go.');
    query().say(callStarts(1_000));
    await query().settled();

    session.interrupt();

    expect(query().interruptions).toBe(0);
    expect(await query().hook('PreToolUse', { tool_name: 'Write' })).toEqual({});
    expect(await query().hook('PreToolUse', { tool_name: 'Bash' })).toMatchObject({
      continue: false,
      hookSpecificOutput: { permissionDecision: 'deny' },
    });
    expect(await query().hook('PreToolUse', null)).toEqual({});
    expect(await query().hook('PostToolUse', {})).toMatchObject({ continue: false });
    expect(await query().hook('PostToolUseFailure', {})).toMatchObject({ continue: false });
    query().say(result({ terminal_reason: 'hook_stopped', stop_reason: 'tool_use' }));
    expect(await turn).toMatchObject({ stop: 'interrupted' });
    expect(await query().hook('PostToolUse', {})).toEqual({});
  });

  it('ends the waiting for a model', async () => {
    const onInterrupt = (query: FakeQuery) =>
      query.say(result({ terminal_reason: 'aborted_streaming', is_error: true }));
    const { session, query } = await start({ script: { onInterrupt } });
    const turn = session.prompt('Go.');
    query().say(retry(10), { type: 'system', subtype: 'other' });
    await query().settled();

    session.interrupt();

    expect(await turn).toMatchObject({ stop: 'interrupted' });
  });

  it('takes no notice without a turn, and of an SDK that does not answer', async () => {
    const onInterrupt = () => Promise.reject(new Error('gone'));
    const { session, query } = await start({ script: { onInterrupt } });
    session.interrupt();
    const turn = session.prompt('Go.');
    query().say(answer(bash('call-1')));
    await query().settled();

    session.interrupt();
    query().say(result());

    expect(await turn).toMatchObject({ stop: 'end_turn' });
    expect(query().interruptions).toBe(1);
  });
});

describe('ClaudeRuntime, compacting', () => {
  const boundary = { type: 'system', subtype: 'compact_boundary', compact_metadata: { post_tokens: 584 } };

  it('has the history shortened, with what must be kept, and asks how full the window is', async () => {
    const { session, script, events } = await start({ turn: (query) => query.say(boundary, callStarts(9), result()) });

    const compaction = await session.compact('The sum is 5.\nNever subtract.');

    expect(script.prompts).toEqual(['/compact The sum is 5.\nNever subtract.']);
    expect(compaction).toEqual({ succeeded: true, usedTokensAfter: 5_000, detail: null });
    expect(events).toEqual([{ type: 'usage', usage: expect.objectContaining({ usedTokens: 5_000 }) }]);
  });

  it('takes what is left of the history where Claude Code does not answer', async () => {
    const { session, query, script } = await start({ turn: (q) => q.say(boundary, result()) });
    query().report = new Error('no');

    expect(await session.compact('')).toEqual({ succeeded: true, usedTokensAfter: 584, detail: null });
    expect(script.prompts).toEqual(['/compact']);
  });

  it.each([
    [
      [{ type: 'system', subtype: 'status', compact_result: 'failed', compact_error: 'API Error: 400' }],
      'API Error: 400',
    ],
    [
      [{ type: 'assistant', message: { model: '<synthetic>', content: [text('No messages to compact')] } }],
      'No messages',
    ],
    [[result({ result: 'It went wrong.' })], 'It went wrong.'],
    [[], 'does not say why'],
  ])('says why it failed: %j', async (said, sentence) => {
    const { session } = await start({ turn: (query) => query.say(...said, result()) });

    expect(await session.compact('')).toEqual({
      succeeded: false,
      usedTokensAfter: null,
      detail: expect.stringContaining(sentence),
    });
    expect(await session.prompt('Go.')).toMatchObject({ stop: 'end_turn' });
  });

  it('can be interrupted', async () => {
    const onInterrupt = (query: FakeQuery) => query.say(result({ is_error: true }));
    const { session } = await start({ script: { onInterrupt } });
    const compaction = session.compact('');

    session.interrupt();

    expect(await compaction).toMatchObject({ succeeded: false, detail: 'Interrupted' });
  });

  it('fails when Claude Code dies or the session is closed', async () => {
    const dying = await start({ turn: (query) => query.fail() });
    const closing = await start();
    const compaction = closing.session.compact('');

    await closing.session.close();

    expect(await dying.session.compact('')).toMatchObject({ succeeded: false, detail: expect.stringMatching(/ended/) });
    expect(await compaction).toMatchObject({ succeeded: false, detail: 'The session is closed' });
    expect(await closing.session.compact('')).toMatchObject({ succeeded: false, detail: 'The session is closed' });
  });
});

describe('ClaudeRuntime, at the end', () => {
  it('says how Claude Code died in a turn, ends what it left, and needs to be resumed', async () => {
    const launcher = new FakeLauncher();
    const { session, egress } = await start({ launcher, turn: () => launcher.die(null, 'SIGKILL') });

    expect(await session.prompt('Go.')).toEqual({
      stop: 'crashed',
      text: '',
      detail: 'Claude Code ended with signal SIGKILL',
      retryAfterMs: null,
    });
    expect([launcher.ends > 0, egress.closed]).toEqual([true, 1]);
    expect(await session.prompt('Go.')).toMatchObject({
      stop: 'crashed',
      detail: expect.stringContaining('Resume the session'),
    });
  });

  it('says that the SDK failed, where its program did not', async () => {
    const { session } = await start({ turn: (query) => query.fail(new Error('broken pipe')), spawn: null });

    expect(await session.prompt('Go.')).toMatchObject({ stop: 'crashed', detail: 'broken pipe' });
  });

  it('ends the process tree and the way out when it is closed, once', async () => {
    const { session, launcher, egress, query } = await start();
    const turn = session.prompt('Go.');

    await session.close();
    await session.close();

    expect(await turn).toMatchObject({ stop: 'interrupted' });
    expect(await session.prompt('Go.')).toMatchObject({ stop: 'interrupted' });
    expect([launcher.ends, egress.closed, query().isClosed]).toEqual([1, 1, true]);
  });

  it('ends one that sends more in one line than it may, and holds no more of it', async () => {
    const launcher = new FakeLauncher();
    const { session, query } = await start({ launcher });
    const turn = session.prompt('Go.');
    let passed = 0;
    query().spawned?.stdout.on('data', (chunk: Buffer) => (passed += chunk.length));
    const chunk = Buffer.alloc(1_048_576, 'x');

    for (let sent = 0; sent < 66; sent += 1) {
      if (!launcher.stdout.write(chunk)) await new Promise((resolve) => launcher.stdout.once('drain', resolve));
    }

    expect(await turn).toMatchObject({ stop: 'crashed', detail: expect.stringContaining('more than 67108864 bytes') });
    expect(passed).toBeLessThanOrEqual(67_108_864);
  });

  it('is closed while Claude Code does not answer an interruption', async () => {
    const { session, query } = await start({ script: { onInterrupt: () => new Promise(() => undefined) } });
    const turn = session.prompt('Go.');
    query().say(answer(bash('call-1')));
    await query().settled();
    session.interrupt();

    await session.close();

    expect(await turn).toMatchObject({ stop: 'interrupted' });
  });

  it('ends the whole tree when the SDK wants its program killed', async () => {
    const { launcher, query } = await start();

    const killed = query().spawned?.kill('SIGTERM');

    expect([killed, query().spawned?.killed, launcher.ends]).toEqual([true, true, 1]);
  });
});
