import type { AgentEvent, AgentSession } from '../../agents/index.js';
import type { Clock } from '../../kernel/index.js';
import { watchCall, type CallSigns, type Warning, type WatchLimits } from './watch-call.js';

/** How a watched call ended. */
export interface WatchedOutcome<T> {
  /** What it answered; null when it had to be closed. */
  readonly answer: T | null;
  /** Why the watch asked it to stop; null when it did not. */
  readonly warning: Warning | null;
  /** Somebody else than the watch asked it to stop. */
  readonly wasStopped: boolean;
  /** It gave a sign of life. */
  readonly wasAlive: boolean;
}

/**
 * One call to an agent's session, under watch: asked to stop when it is silent or takes too long, and closed when it
 * does not.
 */
export class WatchedCall<T> {
  private signs: CallSigns;
  private warning: Warning | null = null;
  private wasStopped = false;
  private wasAlive = false;
  private pause = new AbortController();

  constructor(
    private readonly session: AgentSession,
    private readonly call: (session: AgentSession) => Promise<T>,
    private readonly clock: Clock,
    private readonly limits: WatchLimits,
  ) {
    const now = clock.monotonic();
    this.signs = { startedAt: now, lastSignAt: now, toolsRunning: 0, stopAskedAt: null };
  }

  /** Takes a sign of life. */
  note(event: AgentEvent): void {
    this.wasAlive = true;
    const tools = this.signs.toolsRunning + (TOOL_STEPS[event.type] ?? 0);
    // A model that asked to wait is not silent meanwhile.
    const waitMs = event.type === 'model-retry' ? event.waitMs : 0;
    const lastSignAt = this.clock.monotonic() + waitMs;
    this.signs = { ...this.signs, lastSignAt, toolsRunning: Math.max(0, tools) };
    // From now on it can be silent, which the pause under way has not reckoned with.
    if (event.type === 'tool-ended') this.pause.abort();
  }

  /** Asks the call to end at its next boundary, and gives it the time it takes to come there. */
  stop(): void {
    this.wasStopped = true;
    this.session.interrupt();
  }

  /** Asks the call to end; it is closed when it does not soon. */
  end(): void {
    this.wasStopped = true;
    this.interrupt();
  }

  /** Resolves when the call is over, or its session was closed for it. */
  async outcome(): Promise<WatchedOutcome<T>> {
    const answer = await this.watch(this.call(this.session));
    const { warning, wasStopped, wasAlive } = this;
    return { answer, warning, wasStopped, wasAlive };
  }

  private async watch(call: Promise<T>): Promise<T | null> {
    for (;;) {
      const decision = watchCall(this.signs, this.limits, this.clock.monotonic());
      switch (decision.do) {
        case 'close':
          await this.session.close();
          return null;
        case 'interrupt':
          this.warning = decision.because;
          this.interrupt();
          break;
        case 'wait': {
          const over = await this.waitFor(call, decision.ms);
          if (over !== null) return over.answer;
        }
      }
    }
  }

  /** Null when it is not over, and it is time to look again. */
  private async waitFor(call: Promise<T>, ms: number): Promise<{ readonly answer: T } | null> {
    const pause = new AbortController();
    this.pause = pause;
    const time = this.clock.sleep(ms, pause.signal).then(() => null);
    return Promise.race([call.then((answer) => ({ answer })), time]).finally(() => pause.abort());
  }

  private interrupt(): void {
    this.signs = { ...this.signs, stopAskedAt: this.signs.stopAskedAt ?? this.clock.monotonic() };
    this.session.interrupt();
    this.pause.abort();
  }
}

const TOOL_STEPS: Partial<Record<AgentEvent['type'], number>> = { 'tool-started': 1, 'tool-ended': -1 };
