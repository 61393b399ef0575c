import { describe, expect, it } from '@jest/globals';
import { AnswerAssembly } from './answer-assembly.js';

function assemble(...events: unknown[]) {
  const assembly = new AnswerAssembly();
  for (const event of events) assembly.take(event);
  return assembly.answer;
}

const begin = (index: number, content_block: unknown) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, fields: unknown) => ({ type: 'content_block_delta', index, delta: fields });
const end = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];

describe('AnswerAssembly', () => {
  it('puts blocks together from their deltas, however they alternate', () => {
    const answer = assemble(
      begin(0, { type: 'text', text: '' }),
      begin(1, { type: 'tool_use', id: 't1', name: 'read', input: {} }),
      delta(0, { type: 'text_delta', text: 'Hel' }),
      delta(1, { type: 'input_json_delta', partial_json: '{"path":' }),
      delta(0, { type: 'text_delta', text: 'lo' }),
      delta(1, { type: 'input_json_delta', partial_json: '"a"}' }),
      ...end,
    );

    expect(answer).toEqual({
      content: [
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', id: 't1', name: 'read', input: { path: 'a' } },
      ],
      stop: 'end_turn',
      brokenCalls: new Set(),
    });
  });

  it('is no answer before its end has come', () => {
    expect(assemble(begin(0, { type: 'text', text: 'all of it' }), end[0])).toBeNull();
    expect(assemble()).toBeNull();
  });

  it('keeps thoughts with their signature, and thoughts that are hidden', () => {
    const answer = assemble(
      begin(0, { type: 'thinking', thinking: 'a', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'b' }),
      delta(0, { type: 'signature_delta', signature: 'sig' }),
      begin(1, { type: 'redacted_thinking', data: 'xyz' }),
      ...end,
    );

    expect(answer?.content).toEqual([
      { type: 'thinking', thinking: 'ab', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
    ]);
  });

  it('takes arguments that come whole with the start of a call', () => {
    const answer = assemble(begin(0, { type: 'tool_use', id: 't', name: 'n', input: { a: 1 } }), ...end);

    expect(answer?.content).toEqual([{ type: 'tool_use', id: 't', name: 'n', input: { a: 1 } }]);
    expect(answer?.brokenCalls.size).toBe(0);
  });

  it.each([
    ['half a JSON', '{"path":"a'],
    ['a list', '[1]'],
    ['a text', '"a"'],
    ['null', 'null'],
  ])('marks a call whose arguments are %s', (_title, json) => {
    const answer = assemble(
      begin(0, { type: 'tool_use', id: 't1', name: 'read' }),
      delta(0, { type: 'input_json_delta', partial_json: json }),
      ...end,
    );

    expect(answer?.content).toEqual([{ type: 'tool_use', id: 't1', name: 'read', input: {} }]);
    expect(answer?.brokenCalls).toEqual(new Set(['t1']));
  });

  it('marks a call without any arguments', () => {
    expect(assemble(begin(0, { type: 'tool_use', id: 't1', name: 'read' }), ...end)?.brokenCalls).toEqual(
      new Set(['t1']),
    );
  });

  it('passes over what it does not know, and empty text', () => {
    const answer = assemble(
      null,
      'text',
      [],
      { type: 'ping' },
      begin(0, { type: 'text', text: '' }),
      begin(1, { type: 'web_search_tool_result' }),
      begin(2, 'nothing'),
      delta(9, { type: 'text_delta', text: 'to nobody' }),
      { type: 'message_delta', delta: { stop_reason: 7 } },
      { type: 'message_stop' },
    );

    expect(answer).toEqual({ content: [], stop: null, brokenCalls: new Set() });
  });
});
