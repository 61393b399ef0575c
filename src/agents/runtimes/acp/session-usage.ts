import { usableWindow, type AgentProfile } from '../../agent-profile.js';
import type { AgentCapabilities } from '../../agent-runtime.port.js';
import type { ContextUsage } from '../../agents.types.js';
import type { AcpPreset } from './acp-preset.types.js';

/** What is known of a session's window. */
export interface UsageSeen {
  readonly usedTokens: number | null;
  readonly windowTokens: number | null;
  readonly told: AgentCapabilities['usage'];
}

/**
 * Keeps how full a session's window is and when its agent tells it. *live*: something else of the same turn came after
 * a report. *turn-end*: a report came, and nothing after it. *never*: a whole turn brought none, and none before did.
 */
export class SessionUsage {
  private reportsInTurn = 0;
  private hasReported = false;

  constructor(private seen: UsageSeen) {}

  get current(): UsageSeen {
    return this.seen;
  }

  /** Takes a report; false where it says nothing. */
  report(usedTokens: number | null, windowTokens: number | null): boolean {
    if (usedTokens === null) return false;
    this.reportsInTurn += 1;
    this.hasReported = true;
    const told = this.seen.told === 'never' ? 'turn-end' : this.seen.told;
    this.seen = { usedTokens, windowTokens: windowTokens ?? this.seen.windowTokens, told };
    return true;
  }

  /** Anything but a report came. */
  wentOn(): void {
    if (this.reportsInTurn > 0) this.seen = { ...this.seen, told: 'live' };
  }

  beginTurn(): void {
    this.reportsInTurn = 0;
  }

  endTurn(): void {
    if (!this.hasReported) this.seen = { ...this.seen, told: 'never' };
  }

  /** The history was shortened: what was known of it no longer holds. */
  forget(): void {
    this.seen = { ...this.seen, usedTokens: null };
  }
}

/** Occupancy as the port has it. */
export function contextUsageOf(
  { usedTokens, windowTokens: reported }: UsageSeen,
  profile: Pick<AgentProfile, 'windowTokens' | 'maxOutputTokens'>,
  preset: Pick<AcpPreset, 'usableTokens'>,
): ContextUsage {
  const nominal = profile.windowTokens ?? reported;
  if (nominal === null) return { usedTokens, windowTokens: null, usableTokens: usableWindow(profile) };
  const smaller = Math.min(nominal, reported ?? nominal);
  const usableTokens = preset.usableTokens(smaller, reported, profile.maxOutputTokens);
  return { usedTokens, windowTokens: nominal, usableTokens };
}
