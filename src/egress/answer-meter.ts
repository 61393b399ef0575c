import { StringDecoder } from 'node:string_decoder';
import type { ForwardedUse } from './egress.types.js';
import { failureInEvent } from './model-error.js';
import { mergedUse, usageIn } from './usage-in.js';

/** What of an answer is looked at in one piece at most; a longer line or document is passed over. */
const LONGEST_PIECE = 16 * 1024 * 1024;
/** Only these are worth parsing: the words of the model make up the rest. */
const TELLING = /"usage|"error"/;

/**
 * Reads the tokens of one answer, and a failure told inside it, from its bytes on their way through. It looks and never
 * changes; what it cannot read it passes over.
 */
export class AnswerMeter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly isStream: boolean;
  private rest = '';
  private isOverlong = false;
  private told: ForwardedUse | null = null;
  private failed: { status: number; detail: string } | null = null;

  constructor(
    contentType: string,
    private readonly apiKey: string | null,
  ) {
    this.isStream = /^text\/event-stream\b/i.test(contentType);
  }

  /** The tokens told so far; null where none were. */
  get use(): ForwardedUse | null {
    return this.told;
  }

  /** The failure that the answer told after its status of success; null where it told none. */
  get failure(): { readonly status: number; readonly detail: string } | null {
    return this.failed;
  }

  take(chunk: Buffer): void {
    const text = this.decoder.write(chunk);
    this.append(text);
    // Looked at once a line is whole: looking at a long one with each chunk would take the square of its length.
    if (!this.isStream || !/[\r\n]/.test(text)) return;
    const lines = this.rest.split(/\r\n|[\r\n]/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.takeLine(line);
  }

  /** Call it when the answer is whole or cut off. */
  end(): void {
    this.append(this.decoder.end());
    if (this.isStream) this.takeLine(this.rest);
    else this.takeDocument(this.rest);
    this.rest = '';
  }

  private append(text: string): void {
    this.rest += text;
    if (this.rest.length <= LONGEST_PIECE) return;
    this.rest = '';
    this.isOverlong = true;
  }

  private takeLine(line: string): void {
    // The end of an overlong line is not the begin of another.
    if (!this.isOverlong && line.startsWith('data:')) this.takeDocument(line.slice('data:'.length));
    this.isOverlong = false;
  }

  private takeDocument(text: string): void {
    if (this.isOverlong || !TELLING.test(text)) return;
    const document = parsed(text);
    // Google streams a list where it is not asked for events.
    for (const event of Array.isArray(document) ? (document as unknown[]) : [document]) {
      const use = usageIn(event);
      if (use !== null) this.told = mergedUse(this.told, use);
      this.failed ??= failureInEvent(event, this.apiKey);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
