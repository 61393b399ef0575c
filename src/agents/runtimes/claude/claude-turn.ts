import type { ForwardedFailure } from '../../../egress/index.js';
import type { TurnResult } from '../../agents.types.js';
import type { ClaudeMessage, ClaudeResult } from './claude-message.js';
import { turnResultOf, type OwnStop } from './turn-result.js';

/** What is remembered of a turn while it runs. */
export class ClaudeTurn {
  /** Why it is to end; null while it may go on. */
  ownStop: OwnStop | null = null;
  /** Whether Claude Code waits to try a model call again. */
  isWaiting = false;
  /** The last failure of the model that it did not make good. */
  failure: ForwardedFailure | null = null;
  private steps = 0;
  private text = '';

  constructor(
    private readonly stepLimit: number,
    private readonly longestWaitMs: number,
  ) {}

  take(message: ClaudeMessage): void {
    if (message.type !== 'other') this.isWaiting = message.type === 'retry';
    if (message.type === 'call-started') {
      this.steps += 1;
      if (this.steps >= this.stepLimit) this.ownStop ??= 'max_turns';
    }
    if (message.type === 'answer') this.text = message.texts.at(-1) ?? this.text;
    if (message.type === 'retry' && message.waitMs > this.longestWaitMs) this.ownStop ??= 'rate_limit';
  }

  end(result: ClaudeResult): TurnResult {
    const { text, ownStop, failure } = this;
    return turnResultOf({ result, text, ownStop, failure });
  }
}
