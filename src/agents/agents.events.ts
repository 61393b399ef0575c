import type { DomainEvent } from '../kernel/index.js';

export const CLOSURE_CAUSES = ['auth', 'spend_limit', 'rate_limit', 'network'] as const;
/**
 * Why nothing is given to a profile. *auth*: its key was refused. *spend_limit*: its account may spend no more.
 * *rate_limit*: the model is overloaded or asked to wait. *network*: the model does not answer.
 */
export type ClosureCause = (typeof CLOSURE_CAUSES)[number];

/** Nothing is given to these profiles, until one job is let try. Told once, however often the try fails. */
export interface ProfileClosed extends DomainEvent {
  readonly type: 'agents.profile-closed';
  /** Names of all profiles that share what is wrong, such as the account or the address. */
  readonly profiles: readonly string[];
  readonly cause: ClosureCause;
  /** What happened, in a sentence without secrets. */
  readonly reason: string;
  /** Milliseconds since 1970 from which one job may try. */
  readonly reopensAt: number;
}

/** These profiles are used again. */
export interface ProfileReopened extends DomainEvent {
  readonly type: 'agents.profile-reopened';
  readonly profiles: readonly string[];
}
