import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerMeter } from './answer-meter.js';

const SSE = 'text/event-stream; charset=utf-8';
const events = (...list: readonly object[]) =>
  list.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');
const ANTHROPIC = events(
  { type: 'message_start', message: { usage: { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 } } },
  { type: 'content_block_delta', delta: { text: 'Grüße "usage": {"input_tokens": 999999} 🙂' } },
  { type: 'message_delta', usage: { output_tokens: 42 } },
);
const use = (inputTokens: number, outputTokens: number, cacheReadTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
});

function meter(contentType: string, ...chunks: readonly (string | Buffer)[]): AnswerMeter {
  const of = new AnswerMeter(contentType, 'sk-1');
  for (const chunk of chunks) of.take(Buffer.from(chunk as string));
  of.end();
  return of;
}

describe('AnswerMeter', () => {
  it('adds up nothing: the counts of a stream are totals so far', () => {
    expect(meter(SSE, ANTHROPIC).use).toEqual(use(10, 42, 90));
  });

  it('reads the same however the bytes are cut', () => {
    const bytes = Buffer.from(ANTHROPIC);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));

        expect(meter(SSE, ...chunks).use).toEqual(use(10, 42, 90));
      }),
    );
  });

  it('tells of an answer that was cut off what it told until then', () => {
    expect(meter(SSE, ANTHROPIC.slice(0, ANTHROPIC.indexOf('message_delta'))).use).toEqual(use(10, 1, 90));
    expect(meter('application/json', '{"usage":{"input_tokens":4').use).toBeNull();
  });

  it.each([
    ['a message', { usage: { input_tokens: 3, output_tokens: 4, cache_creation_input_tokens: 5 } }, use(3, 4, 0, 5)],
    ['a message of a gateway', { usage: { input_tokens: 3, output_tokens: 4 } }, use(3, 4)],
    [
      'a response',
      { usage: { input_tokens: 30, input_tokens_details: { cached_tokens: 10 }, output_tokens: 4, total_tokens: 34 } },
      use(20, 4, 10),
    ],
    [
      'a completion',
      { usage: { prompt_tokens: 30, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 40 } } },
      use(0, 4, 40),
    ],
    ['a completion without details', { usage: { prompt_tokens: 30, completion_tokens: 4 } }, use(30, 4)],
    [
      "Google's",
      {
        usageMetadata: {
          promptTokenCount: 30,
          cachedContentTokenCount: 10,
          toolUsePromptTokenCount: 2,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 5,
        },
      },
      use(22, 9, 10),
    ],
    [
      "Google's list",
      [{ usageMetadata: { promptTokenCount: 3 } }, { usageMetadata: { candidatesTokenCount: 4 } }],
      use(3, 4),
    ],
    ['none', { id: 'x' }, null],
    [
      'none that is a count',
      { usage: { input_tokens: -1, output_tokens: '4', cache_read_input_tokens: 1.5 } },
      use(0, 0),
    ],
    ['none that is one', { usage: [1], message: { usage: null } }, null],
  ])('reads the tokens of %s', (_name, answer, expected) => {
    expect(meter('application/json', JSON.stringify(answer)).use).toEqual(expected);
  });

  it('reads the last event of a response, ends of lines of any kind and a last line without one', () => {
    const completed = {
      type: 'response.completed',
      response: { usage: { input_tokens: 5, output_tokens: 6, total_tokens: 11 } },
    };

    expect(meter(SSE, `: comment\r\rdata:${JSON.stringify(completed)}`).use).toEqual(use(5, 6));
    expect(meter(SSE, `data: [DONE]\r\ndata: ${JSON.stringify(completed)}\r\n`).use).toEqual(use(5, 6));
  });

  it('takes the larger of two counts, as gateways tell the input at the end or at the start only', () => {
    const start = { type: 'message_start', message: { usage: { input_tokens: 0, output_tokens: 0 } } };
    const end = { type: 'message_delta', usage: { input_tokens: 70, output_tokens: 8 } };

    expect(meter(SSE, events(start, end)).use).toEqual(use(70, 8));
    expect(meter(SSE, events(end, start)).use).toEqual(use(70, 8));
  });

  it('finds a failure that is told inside a stream, without the key', () => {
    const failure = { type: 'error', error: { type: 'overloaded_error', message: 'Busy: sk-1' } };

    expect(meter(SSE, ANTHROPIC, events(failure, { ...failure, error: {} })).failure).toEqual({
      status: 529,
      detail: 'Busy: [key]',
    });
    expect(meter(SSE, ANTHROPIC).failure).toBeNull();
  });

  it('passes over a line that is too long, and reads on behind it', () => {
    const long = Buffer.alloc(9 * 1024 * 1024, 'x');

    const of = meter(SSE, 'data: ', long, long, '"usage"\n', ANTHROPIC);
    expect(of.use).toEqual(use(10, 42, 90));
    expect(meter('application/json', long, long, '{"usage":{"input_tokens":1}}').use).toBeNull();
  });

  it('takes any bytes', () => {
    const garbage = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(`data: {"usage":${text}}\n\n`)),
      fc.string().map((text) => Buffer.from(`data: {"error" ${text}\r`)),
    );
    fc.assert(
      fc.property(fc.constantFrom(SSE, 'application/json', ''), fc.array(garbage), (type, chunks) => {
        const counts = Object.values(meter(type, ...chunks).use ?? {});

        expect(counts.every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
      }),
    );
  });
});
