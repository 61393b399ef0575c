import type { ClaudeMessage, ClaudeResult } from './claude-message.js';

/** Follows a compaction and knows at its end whether the history was shortened. */
export class CompactionWatch {
  succeeded = false;
  /** What is left of the history; the rules of the agent and its tools are not in it. */
  tokensAfter: number | null = null;
  private said: string | null = null;

  take(message: ClaudeMessage): void {
    if (message.type === 'compacted') {
      this.succeeded = true;
      this.tokensAfter = message.tokensAfter;
    }
    if (message.type === 'not-compacted') this.said ??= message.detail;
    if (message.type === 'trouble') this.said ??= message.text;
  }

  /** Why it failed, in a sentence. */
  whyNot({ text }: Pick<ClaudeResult, 'text'>): string {
    return this.said ?? (text === '' ? 'Claude Code did not shorten the history and does not say why' : text);
  }
}
