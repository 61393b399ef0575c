import type { Clock, EventBus, Randomness } from '../kernel/index.js';
import type { AgentProfile } from './agent-profile.js';
import type { ClosureCause, ProfileClosed, ProfileReopened } from './agents.events.js';
import type { TurnResult } from './agents.types.js';
import { Closure, type ClosureView } from './closure.js';

/** Why nothing is given to a profile, as people are told. */
export interface ProfileClosure {
  readonly sentence: string;
  /** Milliseconds since 1970 from which one job may try; null while one does. */
  readonly reopensAt: number | null;
}

/** What may close a profile: its own, and what it shares with others: the account that pays, the address that answers. */
interface Shared {
  readonly own: Closure;
  readonly account: Closure;
  readonly address: Closure;
}

/** So many calls in a row must have found nobody: one is an accident. */
const NETWORK_FAILURES = 3;

const CAUSE_SENTENCES: Readonly<Record<ClosureCause, string>> = {
  auth: 'The model refused its key',
  spend_limit: 'Its account may spend no more',
  rate_limit: 'The model is overloaded or asked to wait',
  network: 'The model does not answer',
};

/**
 * Decides which profiles work may be given to at this moment, after how turns ended.
 *
 * A refused key closes the one profile, as there are keys that may use one model and not another. An account that may
 * spend no more closes every profile with that key at that address; an address that asks to wait, or that nobody answers
 * at, closes every profile there. When the pause is over one job is
 * let try, and its success opens them, so that a repaired account needs nobody to say so. It decides; it stops no
 * session. What it knows is lost with the process, and learnt again from the first job.
 */
export class ModelAvailability {
  private readonly shared = new Map<string, Shared>();
  /** By address, how many calls in a row found nobody. */
  private readonly networkFailures = new Map<Closure, number>();

  /** @param profiles the only ones it ever speaks of */
  constructor(
    profiles: readonly AgentProfile[],
    clock: Clock,
    randomness: Randomness,
    private readonly bus: EventBus,
  ) {
    const closures = new Map<string, Closure>();
    const closureOf = (...key: readonly (string | null)[]): Closure => {
      const name = JSON.stringify(key);
      const closure = closures.get(name) ?? new Closure(clock, randomness);
      closures.set(name, closure);
      return closure;
    };
    for (const { name, protocol = 'anthropic', baseUrl, apiKey } of profiles) {
      const address = baseUrl?.replace(/\/+$/, '') ?? null;
      this.shared.set(name, {
        own: closureOf('own', name),
        account: closureOf('account', protocol, address, apiKey),
        address: closureOf('address', protocol, address),
      });
    }
  }

  /** Told how a turn with a profile ended. Never throws. */
  noteTurn(profile: Pick<AgentProfile, 'name'>, turn: TurnResult): void {
    const shared = this.shared.get(profile.name);
    if (shared === undefined) return;
    switch (turn.stop) {
      case 'end_turn':
      case 'max_turns':
      case 'refusal':
        return this.noteAnswer(profile);
      case 'auth':
        this.noteReached(shared.address);
        return this.close(shared.own, turn.stop, turn);
      case 'spend_limit':
        this.noteReached(shared.address);
        this.reopen(shared.own);
        return this.close(shared.account, turn.stop, turn);
      case 'rate_limit':
        this.networkFailures.delete(shared.address);
        return this.close(shared.address, turn.stop, turn);
      case 'error':
        return turn.isUnreachable === true ? this.noteNetworkFailure(shared.address, turn) : undefined;
      // These say nothing of the model.
      case 'interrupted':
      case 'context_exhausted':
      case 'crashed':
        return;
    }
  }

  /** Told that the model answered a profile, which a turn does long before it ends. Never throws. */
  noteAnswer({ name }: Pick<AgentProfile, 'name'>): void {
    const shared = this.shared.get(name);
    if (shared === undefined) return;
    this.noteReached(shared.address);
    this.reopen(shared.own);
    this.reopen(shared.account);
  }

  /** A job of this profile was started: where the profile was closed, it is the one that tries. */
  started({ id, profile }: { readonly id: string; readonly profile: string }): void {
    for (const closure of this.closuresOf(profile)) closure.started(id);
  }

  /** The run of a job is over, in whatever way. */
  ended({ id, profile }: { readonly id: string; readonly profile: string }): void {
    for (const closure of this.closuresOf(profile)) closure.ended(id);
  }

  /** By name, the profiles that nothing may be given to, and why in whole sentences. */
  closedProfiles(): ReadonlyMap<string, string> {
    return new Map([...this.closures()].map(([name, { sentence }]) => [name, sentence]));
  }

  /** By name, the profiles that nothing may be given to. */
  closures(): ReadonlyMap<string, ProfileClosure> {
    const closed = new Map<string, ProfileClosure>();
    for (const [name, { own, account, address }] of this.shared) {
      const view = own.view() ?? account.view() ?? address.view();
      if (view !== null) closed.set(name, { sentence: sentenceOf(view), reopensAt: view.reopensAt });
    }
    return closed;
  }

  /** What cannot be done at this moment, in sentences, for the readiness details. */
  limitations(): readonly string[] {
    return [...this.closedProfiles()].map(([name, sentence]) => `Profile ${name} is not used. ${sentence}`);
  }

  /** Somebody answered there, if with a refusal. */
  private noteReached(address: Closure): void {
    this.networkFailures.delete(address);
    this.reopen(address);
  }

  private noteNetworkFailure(address: Closure, turn: TurnResult): void {
    const failures = (this.networkFailures.get(address) ?? 0) + 1;
    this.networkFailures.set(address, failures);
    if (failures >= NETWORK_FAILURES) this.close(address, 'network', turn);
  }

  private close(closure: Closure, cause: ClosureCause, { detail, retryAfterMs }: TurnResult): void {
    const reopensAt = closure.failed(cause, retryAfterMs);
    if (reopensAt === null) return;
    const reason = detail ?? `${CAUSE_SENTENCES[cause]}.`;
    const profiles = this.profilesOf(closure);
    this.bus.publish({ type: 'agents.profile-closed', profiles, cause, reason, reopensAt } satisfies ProfileClosed);
  }

  private reopen(closure: Closure): void {
    if (!closure.answered()) return;
    const profiles = this.profilesOf(closure);
    this.bus.publish({ type: 'agents.profile-reopened', profiles } satisfies ProfileReopened);
  }

  private closuresOf(profile: string): readonly Closure[] {
    const shared = this.shared.get(profile);
    return shared === undefined ? [] : [shared.own, shared.account, shared.address];
  }

  private profilesOf(closure: Closure): readonly string[] {
    return [...this.shared].filter(([, shared]) => Object.values(shared).includes(closure)).map(([name]) => name);
  }
}

function sentenceOf({ cause, reopensAt }: ClosureView): string {
  const next =
    reopensAt === null ? 'One job tries whether that has passed' : `It is tried again at ${isoMoment(reopensAt)}`;
  return `${CAUSE_SENTENCES[cause]}. ${next}.`;
}

function isoMoment(at: number): string {
  return new Date(at).toISOString();
}
