import { describe, expect, it } from '@jest/globals';
import { readClaudeMessage, readContextReport } from './claude-message.js';

const stream = (event: object) => ({ type: 'stream_event', event, parent_tool_use_id: null });
const usage = { input_tokens: 20_000, cache_read_input_tokens: 10, cache_creation_input_tokens: 5, output_tokens: 1 };

describe('readClaudeMessage', () => {
  it('reads how full the window is from what a call reads, and never from what it writes', () => {
    const start = readClaudeMessage(stream({ type: 'message_start', message: { usage } }));
    const delta = readClaudeMessage(stream({ type: 'message_delta', usage: { output_tokens: 77 } }));
    const late = readClaudeMessage(stream({ type: 'message_delta', usage: { input_tokens: 9 } }));

    expect(start).toEqual({ type: 'call-started', occupancy: 20_015 });
    expect(delta).toEqual({ type: 'call-counted', occupancy: null });
    expect(late).toEqual({ type: 'call-counted', occupancy: 9 });
    expect(readClaudeMessage(stream({ type: 'message_stop' }))).toEqual({ type: 'call-ended' });
  });

  it.each([[{}], [{ input_tokens: 0 }], [{ input_tokens: 'many' }], [null]])('takes %j for no count', (counts) => {
    const message = stream({ type: 'message_start', message: { usage: counts } });

    expect(readClaudeMessage(message)).toEqual({ type: 'call-started', occupancy: null });
  });

  it('reads the texts and the calls of an answer', () => {
    const content = [
      { type: 'text', text: 'I write.' },
      { type: 'tool_use', id: 'call-1', name: 'Write', input: { file_path: 'a.txt' } },
      { type: 'tool_use', id: 'call-2', name: 'Bash' },
      { type: 'thinking', thinking: 'hm' },
      'none',
    ];

    const read = readClaudeMessage({ type: 'assistant', message: { model: 'm', content }, parent_tool_use_id: null });

    expect(read).toEqual({
      type: 'answer',
      texts: ['I write.'],
      calls: [
        { id: 'call-1', tool: 'Write', input: { file_path: 'a.txt' } },
        { id: 'call-2', tool: 'Bash', input: {} },
      ],
    });
  });

  it('knows when Claude Code speaks in the place of the model', () => {
    const message = { model: '<synthetic>', content: [{ type: 'text', text: 'API Error: 500' }] };

    expect(readClaudeMessage({ type: 'assistant', message, error: 'server_error' })).toEqual({
      type: 'trouble',
      text: 'API Error: 500',
    });
  });

  it('reads the results of tools', () => {
    const content = [
      { type: 'tool_result', tool_use_id: 'call-1', content: 'ok' },
      { type: 'tool_result', tool_use_id: 'call-2', is_error: true },
    ];

    expect(readClaudeMessage({ type: 'user', message: { content } })).toEqual({
      type: 'tool-results',
      results: [
        { id: 'call-1', isError: false },
        { id: 'call-2', isError: true },
      ],
    });
    expect(readClaudeMessage({ type: 'user', message: { content: 'text' } })).toEqual({ type: 'other' });
  });

  it('reads retries and compactions', () => {
    const system = (fields: object) => readClaudeMessage({ type: 'system', ...fields });

    expect(system({ subtype: 'api_retry', retry_delay_ms: 7_525, error_status: 429, error: 'rate_limit' })).toEqual({
      type: 'retry',
      status: 429,
      kind: 'rate_limit',
      waitMs: 7_525,
    });
    expect(system({ subtype: 'api_retry', error_status: null })).toEqual({
      type: 'retry',
      status: null,
      kind: 'unknown',
      waitMs: 0,
    });
    expect(system({ subtype: 'compact_boundary', compact_metadata: { post_tokens: 584 } })).toEqual({
      type: 'compacted',
      tokensAfter: 584,
    });
    expect(system({ subtype: 'compact_boundary' })).toEqual({ type: 'compacted', tokensAfter: null });
    expect(system({ subtype: 'status', compact_result: 'failed', compact_error: 'API Error' })).toEqual({
      type: 'not-compacted',
      detail: 'API Error',
    });
    expect(system({ subtype: 'status', compact_result: 'failed' })).toMatchObject({
      detail: 'Claude Code does not say why',
    });
    expect(system({ subtype: 'status', compact_result: 'success' })).toEqual({ type: 'other' });
  });

  it('reads a result, and of one without words its errors', () => {
    expect(
      readClaudeMessage({
        type: 'result',
        subtype: 'success',
        is_error: true,
        api_error_status: 401,
        terminal_reason: 'api_error',
        stop_reason: 'stop_sequence',
        result: 'Failed to authenticate.',
      }),
    ).toEqual({
      type: 'result',
      subtype: 'success',
      isError: true,
      status: 401,
      terminalReason: 'api_error',
      stopReason: 'stop_sequence',
      text: 'Failed to authenticate.',
    });
    expect(readClaudeMessage({ type: 'result', errors: ['one', 2, 'two'] })).toEqual({
      type: 'result',
      subtype: 'unknown',
      isError: false,
      status: null,
      terminalReason: null,
      stopReason: null,
      text: 'one\ntwo',
    });
  });

  it.each([
    ['no object', 'text'],
    ['a list', []],
    ['what is not known', { type: 'tool_progress' }],
    ['a part of an answer', stream({ type: 'content_block_delta' })],
    ['a notice', { type: 'system', subtype: 'init' }],
    ['a helper agent', { type: 'assistant', message: { content: [] }, parent_tool_use_id: 'call-9' }],
  ])('makes nothing of %s', (_, message) => {
    expect(readClaudeMessage(message)).toEqual({ type: 'other' });
  });
});

describe('readContextReport', () => {
  it('takes what is a count', () => {
    expect(readContextReport({ totalTokens: 88_010, rawMaxTokens: 200_000 })).toEqual({
      usedTokens: 88_010,
      windowTokens: 200_000,
    });
    expect(readContextReport({ totalTokens: 0, rawMaxTokens: 'big' })).toEqual({
      usedTokens: null,
      windowTokens: null,
    });
    expect(readContextReport(null)).toEqual({ usedTokens: null, windowTokens: null });
  });
});
