import { ProcessCommandRunner, type CommandRunner, type ProcessLauncher } from '../command-runner/index.js';
import type { Egress } from '../egress/index.js';
import type { Clock, Randomness } from '../kernel/index.js';
import type { AgentProfile } from './agent-profile.js';
import type { AgentRuntime } from './agent-runtime.port.js';
import type { AcpRuntimeModuleOptions } from './runtimes/acp/acp.options.js';
import { AcpRuntime } from './runtimes/acp/acp.runtime.js';
import type { ClaudeRuntimeModuleOptions } from './runtimes/claude/claude.options.js';
import { ClaudeRuntime } from './runtimes/claude/claude.runtime.js';
import type { EmbeddedRuntimeModuleOptions } from './runtimes/embedded/embedded.options.js';
import { EmbeddedRuntime } from './runtimes/embedded/embedded.runtime.js';

/** What `AgentsModule.forRoot` accepts. Every field may be left out. */
export interface AgentsModuleOptions {
  /**
   * The kinds of agents.
   * @default the embedded runtime; claude and acp too, where `CommandRunnerModule` and `EgressModule` are imported
   */
  readonly runtimes?: readonly AgentRuntime[];
  /**
   * The agents that work can be given to.
   * @default none
   */
  readonly profiles?: readonly AgentProfile[];
  /** For the embedded runtime, where `runtimes` is left out. */
  readonly embedded?: EmbeddedRuntimeModuleOptions;
  /** For the claude runtime, where `runtimes` is left out. */
  readonly claude?: ClaudeRuntimeModuleOptions;
  /** For the acp runtime, where `runtimes` is left out. */
  readonly acp?: AcpRuntimeModuleOptions;
}

/** The options once checked, with every default filled in. */
export interface AgentsOptions {
  readonly runtimes: readonly AgentRuntime[];
  readonly profiles: readonly AgentProfile[];
}

/** What of the app the runtimes use. */
export interface AgentsSurroundings {
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Without one, the embedded runtime runs its commands by one of its own. */
  readonly commandRunner?: CommandRunner | undefined;
  /** Without one, there are no agents that are programs of their own. */
  readonly launcher?: ProcessLauncher | undefined;
  /** Without one, there are no agents that are programs of their own: they reach their model through it. */
  readonly egress?: Egress | undefined;
}

/** @throws {InvalidAgentsOptionsError} if an option of a runtime is out of range */
export function resolveAgentsOptions(given: AgentsModuleOptions, surroundings: AgentsSurroundings): AgentsOptions {
  return { runtimes: given.runtimes ?? defaultRuntimes(given, surroundings), profiles: given.profiles ?? [] };
}

function defaultRuntimes(
  { embedded, claude, acp }: AgentsModuleOptions,
  { clock, randomness, launcher, egress, ...rest }: AgentsSurroundings,
): AgentRuntime[] {
  const commandRunner = rest.commandRunner ?? new ProcessCommandRunner({}, clock, randomness);
  const within = new EmbeddedRuntime(commandRunner, embedded, clock, randomness);
  if (launcher === undefined || egress === undefined) return [within];
  return [
    within,
    new ClaudeRuntime(launcher, egress, claude, clock, randomness),
    new AcpRuntime(launcher, egress, acp, clock),
  ];
}
