import { ProcessCommandRunner, type CommandRunner } from '../command-runner/index.js';
import type { Clock, Randomness } from '../kernel/index.js';
import type { AgentProfile } from './agent-profile.js';
import type { AgentRuntime } from './agent-runtime.port.js';
import type { EmbeddedRuntimeModuleOptions } from './runtimes/embedded/embedded.options.js';
import { EmbeddedRuntime } from './runtimes/embedded/embedded.runtime.js';

/** What `AgentsModule.forRoot` accepts. Every field may be left out. */
export interface AgentsModuleOptions {
  /**
   * The kinds of agents.
   * @default the embedded runtime alone
   */
  readonly runtimes?: readonly AgentRuntime[];
  /**
   * The agents that work can be given to.
   * @default none
   */
  readonly profiles?: readonly AgentProfile[];
  /** For the embedded runtime, where `runtimes` is left out. */
  readonly embedded?: EmbeddedRuntimeModuleOptions;
}

/** The options once checked, with every default filled in. */
export interface AgentsOptions {
  readonly runtimes: readonly AgentRuntime[];
  readonly profiles: readonly AgentProfile[];
}

/**
 * @param commandRunner the app's own; without one, the embedded runtime runs its commands by one of its own
 * @throws {InvalidAgentsOptionsError} if an option of the embedded runtime is out of range
 */
export function resolveAgentsOptions(
  given: AgentsModuleOptions,
  clock: Clock,
  randomness: Randomness,
  commandRunner: CommandRunner = new ProcessCommandRunner({}, clock, randomness),
): AgentsOptions {
  return {
    runtimes: given.runtimes ?? [new EmbeddedRuntime(commandRunner, given.embedded, clock, randomness)],
    profiles: given.profiles ?? [],
  };
}
