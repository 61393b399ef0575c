import type { AgentProfile } from './agent-profile.js';
import type { AgentRuntime } from './agent-runtime.port.js';
import { DuplicateRuntimeError, UnknownRuntimeError } from './agents.errors.js';

/** Knows the kinds of agents there are, and the profiles that use them. Decides once, at start, that they fit. */
export class AgentRegistry {
  private readonly byKind = new Map<string, AgentRuntime>();

  /**
   * @throws {DuplicateRuntimeError} if two runtimes have one kind
   * @throws {UnknownRuntimeError} if a profile names a kind that there is not
   */
  constructor(
    runtimes: readonly AgentRuntime[],
    /** All profiles, those included that cannot be used. */
    readonly profiles: readonly AgentProfile[] = [],
  ) {
    for (const runtime of runtimes) {
      if (this.byKind.has(runtime.kind)) {
        throw new DuplicateRuntimeError(`Two agent runtimes have the kind ${runtime.kind}. Register one of them.`);
      }
      this.byKind.set(runtime.kind, runtime);
    }
    for (const profile of profiles) this.runtimeOf(profile);
  }

  get kinds(): readonly string[] {
    return [...this.byKind.keys()];
  }

  /** @throws {UnknownRuntimeError} if the profile names a kind that there is not */
  runtimeOf(profile: Pick<AgentProfile, 'name' | 'runtime'>): AgentRuntime {
    const runtime = this.byKind.get(profile.runtime);
    if (runtime === undefined) {
      const known = this.kinds.join(', ') || 'none';
      throw new UnknownRuntimeError(
        `Profile ${profile.name} names the runtime ${profile.runtime}; there are: ${known}`,
      );
    }
    return runtime;
  }
}
