import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../testing/index.js';
import type { AgentEvent } from '../../agents.types.js';
import { windowWithoutAnswer } from './acp-preset.types.js';
import { answerPermission } from './answer-permission.js';
import { compactionResultOf } from './compaction-result.js';
import { messageLines } from './message-lines.js';
import { readMessage } from './message-stream.js';
import { readAgentFacts, readSessionId, readStopReason } from './read-answers.js';
import { readUpdate, type ToolStatus } from './read-update.js';
import { readRecord } from './session-record.js';
import { SessionUsage, contextUsageOf } from './session-usage.js';
import { TurnListener } from './turn-listener.js';
import { stopOfRefusal, turnResultOf, type TurnFacts } from './turn-result.js';

describe('readUpdate', () => {
  it.each([
    [
      { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'a' } },
      { kind: 'text', text: 'a' },
    ],
    [
      {
        sessionUpdate: 'tool_call',
        toolCallId: '1',
        name: 'Bash',
        title: ' ls\n -l ',
        kind: 'execute',
        status: 'pending',
      },
      { kind: 'tool', id: '1', name: 'Bash', title: 'ls -l', subject: null, status: 'pending' },
    ],
    [
      { sessionUpdate: 'tool_call_update', toolCallId: '1', kind: 'edit', title: null, status: 'gone' },
      { kind: 'tool', id: '1', name: 'edit', title: null, subject: null, status: null },
    ],
    [
      { sessionUpdate: 'tool_call', toolCallId: '1', rawInput: { command: ['npm', 'test'] } },
      { kind: 'tool', id: '1', name: null, title: null, subject: 'npm test', status: null },
    ],
    [
      { sessionUpdate: 'tool_call', toolCallId: '1', rawInput: { limit: 3 } },
      { kind: 'tool', id: '1', name: null, title: null, subject: null, status: null },
    ],
    [
      { sessionUpdate: 'usage_update', used: 0, size: 200_000 },
      { kind: 'usage', usedTokens: null, windowTokens: 200_000 },
    ],
    [
      { sessionUpdate: 'usage_update', used: 'x' },
      { kind: 'usage', usedTokens: null, windowTokens: null },
    ],
    [
      { sessionUpdate: 'compaction_update', status: 'failed', error: 'why' },
      { kind: 'compaction', status: 'failed', error: 'why' },
    ],
    [
      { sessionUpdate: 'available_commands_update', availableCommands: [{ name: 'compact' }, { name: '' }, 3] },
      { kind: 'commands', names: ['compact'] },
    ],
  ])('reads %j', (update, read) => {
    expect(readUpdate(update)).toEqual(read);
  });

  it.each([
    null,
    [],
    'text',
    {},
    { sessionUpdate: 'next_year' },
    { sessionUpdate: 'agent_message_chunk', content: { type: 'image' } },
    { sessionUpdate: 'agent_message_chunk' },
    { sessionUpdate: 'tool_call', toolCallId: 7 },
    { sessionUpdate: 'tool_call', toolCallId: '' },
    { sessionUpdate: 'tool_call', toolCallId: 'x'.repeat(201) },
    { sessionUpdate: 'compaction_update', status: 'soon' },
    { sessionUpdate: 'available_commands_update', availableCommands: 'all' },
  ])('takes %j as a sign of life', (update) => {
    expect(readUpdate(update)).toEqual({ kind: 'other' });
  });

  it('cuts what is too long', () => {
    const read = readUpdate({ sessionUpdate: 'tool_call', toolCallId: '1', title: 'x'.repeat(500) });

    expect(read).toMatchObject({ title: `${'x'.repeat(200)}…` });
  });
});

describe('readAgentFacts', () => {
  it('prefers to resume over loading', () => {
    const both = { loadSession: true, sessionCapabilities: { resume: {} } };

    expect(
      readAgentFacts({ protocolVersion: 1, agentCapabilities: both, authMethods: [{ id: 'key' }, {}, 1] }),
    ).toEqual({
      protocolVersion: 1,
      resumeBy: 'session/resume',
      authMethods: ['key'],
    });
    expect(readAgentFacts({ agentCapabilities: { loadSession: true } }).resumeBy).toBe('session/load');
  });

  it.each([null, 'text', {}, { agentCapabilities: 3, protocolVersion: '1' }])('expects nothing of %j', (answer) => {
    expect(readAgentFacts(answer)).toEqual({ protocolVersion: null, resumeBy: null, authMethods: [] });
  });
});

describe('readSessionId and readStopReason', () => {
  it('take a text and nothing else', () => {
    expect(readSessionId({ sessionId: 'a/b' })).toBe('a/b');
    expect([{}, null, { sessionId: '' }, { sessionId: 'x'.repeat(301) }].map(readSessionId)).toEqual(
      Array(4).fill(null),
    );
    expect([{ stopReason: 'end_turn' }, { stopReason: 3 }, null].map(readStopReason)).toEqual(['end_turn', null, null]);
  });
});

describe('answerPermission', () => {
  const option = (kind: 'allow_once' | 'allow_always' | 'reject_once') => ({ optionId: kind, name: kind, kind });

  it('allows once rather than always, and refuses nothing itself', () => {
    expect(answerPermission({ options: [option('allow_always'), option('allow_once')] })).toEqual({
      outcome: { outcome: 'selected', optionId: 'allow_once' },
    });
    expect(answerPermission({ options: [option('reject_once'), option('allow_always')] })).toEqual({
      outcome: { outcome: 'selected', optionId: 'allow_always' },
    });
    expect(answerPermission({ options: [option('reject_once')] })).toEqual({ outcome: { outcome: 'cancelled' } });
  });
});

describe('SessionUsage', () => {
  const start = (told: 'live' | 'turn-end' | 'never' = 'never') =>
    new SessionUsage({ usedTokens: null, windowTokens: null, told });

  it('finds out when an agent tells its occupancy', () => {
    const usage = start();
    usage.beginTurn();
    usage.wentOn();
    usage.report(100, 1_000);
    expect(usage.current).toEqual({ usedTokens: 100, windowTokens: 1_000, told: 'turn-end' });

    usage.endTurn();
    usage.beginTurn();
    usage.wentOn();
    expect(usage.current.told).toBe('turn-end');

    usage.report(200, null);
    usage.wentOn();
    expect(usage.current).toEqual({ usedTokens: 200, windowTokens: 1_000, told: 'live' });
  });

  it('believes in no reports once a turn went by without, unless there were some before', () => {
    const silent = start('live');
    silent.beginTurn();
    expect(silent.report(null, 1_000)).toBe(false);
    silent.endTurn();
    expect(silent.current).toEqual({ usedTokens: null, windowTokens: null, told: 'never' });

    const known = start('live');
    known.report(1, 2);
    known.beginTurn();
    known.endTurn();
    expect(known.current.told).toBe('live');
    known.forget();
    expect(known.current).toEqual({ usedTokens: null, windowTokens: 2, told: 'live' });
  });
});

describe('contextUsageOf', () => {
  const preset = { usableTokens: windowWithoutAnswer };
  const seen = (windowTokens: number | null) => ({ usedTokens: 10, windowTokens, told: 'live' as const });

  it.each([
    [200_000, null, 192_000, 200_000],
    [200_000, 1_000_000, 192_000, 200_000],
    [200_000, 100_000, 92_000, 200_000],
    [null, 100_000, 92_000, 100_000],
    [8_000, null, 7_200, 8_000],
    [null, null, null, null],
  ])('of a profile with %p and an agent that reports %p is %p of %p', (profile, reported, usable, nominal) => {
    expect(contextUsageOf(seen(reported), { windowTokens: profile, maxOutputTokens: 8_000 }, preset)).toEqual({
      usedTokens: 10,
      windowTokens: nominal,
      usableTokens: usable,
    });
  });
});

describe('TurnListener', () => {
  function listen() {
    const events: AgentEvent[] = [];
    const clock = new FakeClock();
    const listener = new TurnListener((event) => events.push(event), clock);
    const tool = (
      id: string,
      status: ToolStatus | null,
      title: string | null = `look ${id}`,
      name: string | null = null,
    ) => listener.take({ kind: 'tool', id, name, title, subject: null, status });
    return { events, clock, listener, tool, types: () => events.map(({ type }) => type) };
  }

  it('joins what is said until a tool is used or the turn ends', () => {
    const { listener, events, tool } = listen();
    listener.beginTurn();
    for (const text of [' I', ' look. ']) listener.take({ kind: 'text', text });
    tool('1', 'pending');
    listener.take({ kind: 'text', text: 'Done.' });
    listener.endTurn();

    expect(events.filter(({ type }) => type === 'text')).toEqual([
      { type: 'text', text: 'I look.' },
      { type: 'text', text: 'Done.' },
    ]);
    expect(listener.lastWords).toBe('Done.');
    listener.beginTurn();
    expect(listener.lastWords).toBe('');
  });

  it('tells the beginning and the end of each tool once', () => {
    const { events, clock, tool, types } = listen();
    tool('1', 'pending', 'Read it', 'Read');
    clock.advance(5);
    tool('1', null);
    tool('1', 'completed');
    tool('1', 'completed');

    expect(types()).toEqual(['tool-started', 'activity', 'tool-ended', 'activity']);
    expect(events[0]).toEqual({ type: 'tool-started', tool: 'Read', summary: 'Read it' });
    expect(events[2]).toEqual({ type: 'tool-ended', tool: 'Read', isError: false, durationMs: 5 });
  });

  it('waits with the beginning until it is known what a tool is used on, or runs', () => {
    const { listener, events, tool, types } = listen();
    tool('1', 'pending', 'bash');
    expect(types()).toEqual(['activity']);
    listener.take({ kind: 'tool', id: '1', name: null, title: null, subject: 'npm test', status: 'pending' });
    tool('2', 'pending', 'glob');
    tool('2', 'in_progress', null);
    tool('3', 'completed', null);
    tool('4', 'pending', 'never');
    listener.endTurn();

    expect(events.filter(({ type }) => type === 'tool-started')).toEqual([
      { type: 'tool-started', tool: 'bash', summary: 'npm test' },
      { type: 'tool-started', tool: 'glob', summary: 'glob' },
      { type: 'tool-started', tool: 'tool', summary: 'tool' },
    ]);
    expect(types().filter((type) => type === 'tool-ended')).toHaveLength(3);
  });

  it('ends what an agent leaves open with the turn, as failed', () => {
    const { listener, events, tool } = listen();
    tool('1', 'in_progress');
    tool('2', 'failed');
    listener.endTurn();

    expect(events.filter(({ type }) => type === 'tool-ended')).toEqual([
      expect.objectContaining({ isError: true }),
      expect.objectContaining({ isError: true }),
    ]);
  });

  it('follows no more tools than an agent can have', () => {
    const { tool, types } = listen();
    for (let n = 0; n < 1_002; n += 1) tool(String(n), 'pending');

    expect(types().filter((type) => type === 'tool-started')).toHaveLength(1_000);
    expect(types().slice(-2)).toEqual(['activity', 'activity']);
  });
});

describe('turnResultOf', () => {
  const facts = (given: Partial<TurnFacts>): TurnFacts => ({
    outcome: { kind: 'answered', stopReason: 'end_turn' },
    text: 'words',
    isInterrupted: false,
    refusal: null,
    hasAnswered: true,
    isNearlyFull: false,
    ...given,
  });
  const answered = (stopReason: string | null) => ({ outcome: { kind: 'answered', stopReason } as const });
  const refused = (message: string) => ({ outcome: { kind: 'refused', message } as const });
  const refusal = (status: number, detail = '', retryAfterMs: number | null = null) => ({
    refusal: { status, detail, retryAfterMs, isOwn: false },
  });

  it.each<[Partial<TurnFacts>, string]>([
    [answered('end_turn'), 'end_turn'],
    [answered('max_turn_requests'), 'max_turns'],
    [answered('refusal'), 'refusal'],
    [answered('max_tokens'), 'error'],
    [{ ...answered('max_tokens'), isNearlyFull: true }, 'context_exhausted'],
    [answered('cancelled'), 'error'],
    [answered('something new'), 'error'],
    [answered(null), 'error'],
    [{ ...answered('cancelled'), isInterrupted: true }, 'interrupted'],
    [{ ...answered('end_turn'), isInterrupted: true }, 'end_turn'],
    [{ ...refused('aborted'), isInterrupted: true }, 'interrupted'],
    [{ outcome: { kind: 'gone', why: 'It ended' }, isInterrupted: true }, 'crashed'],
    // What the way out did not see concerns others too, and is not believed.
    [refused('Internal error: 401 invalid x-api-key'), 'error'],
    [refused('429 Too Many Requests'), 'error'],
    [refused('Your credit balance is too low'), 'error'],
    [refused('Prompt is too long'), 'context_exhausted'],
    [refused('something broke'), 'error'],
    [{ ...refused('something broke'), ...refusal(500, 'boom') }, 'error'],
    [refusal(500), 'end_turn'],
    [{ ...refusal(500), hasAnswered: false }, 'error'],
    [refusal(401), 'auth'],
    [{ ...refused('x'), ...refusal(529) }, 'rate_limit'],
  ])('makes of %j %p', (given, stop) => {
    expect(turnResultOf(facts(given))).toMatchObject({ stop, text: 'words' });
  });

  it('says what happened, and how long the model asked to wait', () => {
    expect(turnResultOf(facts(refusal(429, 'slow down', 7_000)))).toEqual({
      stop: 'rate_limit',
      text: 'words',
      detail: "The model's API failed with 429: slow down",
      retryAfterMs: 7_000,
    });
    expect(turnResultOf(facts(refusal(403))).detail).toBe("The model's API failed with 403");
    expect(turnResultOf(facts(refused('boom'))).detail).toBe('The agent failed: boom');
    expect(turnResultOf(facts(answered('odd'))).detail).toContain('odd');
  });

  it.each([
    [502, true],
    [504, true],
    [500, true],
    [529, undefined],
    [400, undefined],
  ])('knows from %i whether the model was reached', (status, isUnreachable) => {
    expect(turnResultOf(facts({ ...refused('x'), ...refusal(status) })).isUnreachable).toBe(isUnreachable);
  });

  it('takes what the way out refused itself for no sign that the model is not there', () => {
    const own = { refusal: { status: 502, detail: 'no', retryAfterMs: null, isOwn: true } };

    expect(turnResultOf(facts({ ...refused('x'), ...own })).isUnreachable).toBeUndefined();
  });

  it.each([
    [402, '', 'spend_limit'],
    [400, 'Your credit balance is too low', 'spend_limit'],
    [403, '', 'auth'],
    [413, '', 'context_exhausted'],
    [400, 'prompt is too long: 9 tokens > 8 maximum', 'context_exhausted'],
    [400, 'The input token count (9) exceeds the maximum number of tokens allowed (8).', 'context_exhausted'],
    [400, 'Your input exceeds the context window of this model.', 'context_exhausted'],
    [400, 'Please ensure that the number of function response parts is equal to the number of …', 'context_exhausted'],
    [400, 'No tool output found for function call call_1.', 'context_exhausted'],
    [400, 'messages.2: `tool_use` ids were found without `tool_result` blocks: toolu_1', 'context_exhausted'],
    [400, 'API key not valid. Please pass a valid API key.', 'auth'],
    [503, '', 'rate_limit'],
    [400, 'odd', 'error'],
  ])('takes %p %p of a model for %p', (status, detail, stop) => {
    expect(stopOfRefusal({ status, detail, retryAfterMs: null, isOwn: false })).toBe(stop);
  });
});

describe('compactionResultOf', () => {
  const turn = { stop: 'end_turn', text: '', detail: null, retryAfterMs: null } as const;
  const seen = { turn, status: null, error: null, before: 100, after: 20 };

  it('believes figures before words', () => {
    expect(compactionResultOf(seen)).toEqual({ succeeded: true, usedTokensAfter: 20, detail: null });
    expect(compactionResultOf({ ...seen, status: 'completed', after: 100 })).toMatchObject({
      succeeded: false,
      detail: 'The history did not become shorter: 100 tokens before, 100 after',
    });
    expect(compactionResultOf({ ...seen, before: null, after: null })).toMatchObject({ succeeded: true });
    expect(compactionResultOf({ ...seen, after: null })).toEqual({
      succeeded: true,
      usedTokensAfter: null,
      detail: null,
    });
  });

  it('fails with the agent or with the turn', () => {
    expect(compactionResultOf({ ...seen, status: 'failed', error: 'no' }).detail).toBe('no');
    expect(compactionResultOf({ ...seen, status: 'cancelled' }).detail).toBe('The agent says that it cancelled');
    expect(compactionResultOf({ ...seen, turn: { ...turn, stop: 'refusal' } }).detail).toBe(
      'The agent stopped with refusal',
    );
    expect(compactionResultOf({ ...seen, turn: { ...turn, stop: 'error', detail: 'x' } })).toMatchObject({
      detail: 'x',
    });
  });
});

describe('readMessage', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"result":null}', true],
    ['{"jsonrpc":"2.0","id":null,"error":{}}', true],
    ['{"jsonrpc":"2.0","method":"x"}', true],
    ['{"jsonrpc":"2.0","id":"a","method":"x"}', true],
    ['{"jsonrpc":"2.0","id":{},"method":"x"}', false],
    ['{"jsonrpc":"2.0","method":3}', false],
    ['{"jsonrpc":"2.0","id":1}', false],
    ['{"jsonrpc":"2.0","result":1}', false],
    ['{"id":1,"result":1}', false],
    ['[]', false],
    ['Loading…', false],
    ['', false],
  ])('takes %s: %p', (line, isOne) => {
    expect(readMessage(line) !== null).toBe(isOne);
  });
});

describe('messageLines', () => {
  async function linesOf(chunks: readonly string[], limit: number): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of messageLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), limit))
      lines.push(line);
    return lines;
  }

  it('joins and splits', async () => {
    expect(await linesOf(['a', 'b\nc', '\n\nd'], 5)).toEqual(['ab', 'c', '']);
  });

  it.each([[['abcdef\n']], [['abc', 'def']], [['abc', 'def\n']]])('keeps no more of %j than it may', async (chunks) => {
    expect(await linesOf(['abcde\n'], 5)).toEqual(['abcde']);
    await expect(linesOf(chunks, 5)).rejects.toThrow('more than 5 bytes');
  });
});

describe('readRecord', () => {
  const usage = { usedTokens: 5, windowTokens: -1, told: 'live' };

  it('takes what it wrote', () => {
    expect(readRecord(JSON.stringify({ version: 1, id: 'a', keep: 'k', usage }))).toEqual({
      id: 'a',
      keep: 'k',
      usage: { usedTokens: 5, windowTokens: null, told: 'live' },
    });
  });

  it.each([
    'nothing',
    '3',
    JSON.stringify({ version: 2, id: 'a', keep: null, usage }),
    JSON.stringify({ version: 1, id: 'a', keep: null }),
    JSON.stringify({ version: 1, id: 3, keep: null, usage }),
    JSON.stringify({ version: 1, id: 'a', keep: null, usage: { told: 'often' } }),
  ])('takes nothing else: %s', (text) => {
    expect(readRecord(text)).toBeNull();
  });
});
