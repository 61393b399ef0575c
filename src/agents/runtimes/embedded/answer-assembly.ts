import type { HistoryBlock } from './history.types.js';

/** A whole answer of the model. */
export interface ModelAnswer {
  readonly content: readonly HistoryBlock[];
  /** The API's stop reason; null when it gave none. */
  readonly stop: string | null;
  /** Ids of tool calls whose arguments did not arrive as a JSON object. */
  readonly brokenCalls: ReadonlySet<string>;
}

type Fields = Record<string, unknown>;

interface Part {
  readonly start: Fields;
  text: string;
  signature: string;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textIn(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
}

/**
 * Puts an answer together from the events of a stream.
 *
 * The SDK's own assembly fails where a gateway leaves `usage` out; and an answer is whole here only with its
 * `message_stop`, so that a stream which was cut off is never taken for one.
 */
export class AnswerAssembly {
  private readonly parts = new Map<unknown, Part>();
  private stop: string | null = null;
  private isWhole = false;

  /** Takes one event of the stream. Kinds it does not know are passed over. */
  take(given: unknown): void {
    const event = fieldsOf(given);
    switch (event['type']) {
      case 'content_block_start': {
        const start = fieldsOf(event['content_block']);
        const text = textIn(start, 'text') + textIn(start, 'thinking');
        this.parts.set(event['index'], { start, text, signature: textIn(start, 'signature') });
        break;
      }
      case 'content_block_delta':
        this.extend(this.parts.get(event['index']), fieldsOf(event['delta']));
        break;
      case 'message_delta':
        this.stop = textIn(fieldsOf(event['delta']), 'stop_reason') || this.stop;
        break;
      case 'message_stop':
        this.isWhole = true;
        break;
    }
  }

  /** The answer; null while its end has not come. */
  get answer(): ModelAnswer | null {
    if (!this.isWhole) return null;
    const brokenCalls = new Set<string>();
    const content = [...this.parts.values()].flatMap((part) => blockOf(part, brokenCalls));
    return { content, stop: this.stop, brokenCalls };
  }

  private extend(part: Part | undefined, delta: Fields): void {
    if (part === undefined) return;
    part.text += textIn(delta, 'text') + textIn(delta, 'thinking') + textIn(delta, 'partial_json');
    part.signature += textIn(delta, 'signature');
  }
}

function blockOf({ start, text, signature }: Part, brokenCalls: Set<string>): HistoryBlock[] {
  switch (start['type']) {
    case 'text':
      // An empty text block is refused when it is sent back.
      return text === '' ? [] : [{ type: 'text', text }];
    case 'thinking':
      return [{ type: 'thinking', thinking: text, signature }];
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: textIn(start, 'data') }];
    case 'tool_use': {
      const id = textIn(start, 'id');
      // Some gateways send the arguments whole, with the start of the block.
      const input = text === '' ? start['input'] : parsed(text);
      if (input !== fieldsOf(input)) brokenCalls.add(id);
      return [{ type: 'tool_use', id, name: textIn(start, 'name'), input: fieldsOf(input) }];
    }
    default:
      return [];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
