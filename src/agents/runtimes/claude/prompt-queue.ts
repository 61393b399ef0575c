import type { ClaudePrompt } from './claude-sdk.types.js';

/** The prompts of a live session, in the order they are given, until it is ended. */
export class PromptQueue implements AsyncIterable<ClaudePrompt> {
  private readonly waiting: ClaudePrompt[] = [];
  private wake: () => void = () => undefined;
  private isEnded = false;

  push(content: string): void {
    this.waiting.push({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null });
    this.wake();
  }

  end(): void {
    this.isEnded = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ClaudePrompt> {
    for (;;) {
      const next = this.waiting.shift();
      if (next !== undefined) yield next;
      else if (this.isEnded) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
