import type { AgentProfile } from '../../agent-profile.js';
import type { AgentEvent, ContextUsage } from '../../agents.types.js';
import type { ClaudeMessage } from './claude-message.js';
import { sessionWindow } from './usable-window.js';

/**
 * How full a session's window is: what the last call of its own loop read, as that call says. The sum that Claude Code
 * gives at the end of a turn counts every call of the turn, and is no occupancy.
 */
export class SessionUsage {
  private usedTokens: number | null = null;
  private reportedWindow: number | null = null;
  private isTold = true;

  constructor(
    private readonly profile: AgentProfile,
    private readonly onEvent: (event: AgentEvent) => void,
  ) {}

  get now(): ContextUsage {
    return { usedTokens: this.usedTokens, ...sessionWindow(this.profile, this.reportedWindow) };
  }

  /** What Claude Code knows of the model's window. */
  learnWindow(windowTokens: number | null): void {
    this.reportedWindow = windowTokens ?? this.reportedWindow;
  }

  /** Puts another number in the place of the last call's, such as after a compaction. */
  replace(usedTokens: number | null): void {
    this.usedTokens = usedTokens;
    this.onEvent({ type: 'usage', usage: this.now });
  }

  /** Takes the counts of a call. A call that ends without having told any makes the occupancy unknown. */
  take(message: ClaudeMessage): void {
    if (message.type === 'call-started') this.isTold = false;
    if (message.type === 'call-started' || message.type === 'call-counted') {
      if (message.occupancy === null) return;
      this.isTold = true;
      if (message.occupancy !== this.usedTokens) this.replace(message.occupancy);
    } else if (message.type === 'call-ended' && !this.isTold) {
      this.replace(null);
    }
  }
}
