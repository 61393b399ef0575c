import type { NetworkAccess } from '../../../command-runner/index.js';
import { InvalidAgentsOptionsError } from '../../agents.errors.js';
import { DEFAULT_COMMAND_PATH, type CommandSettings } from '../command-environment.js';

/** What an EmbeddedRuntime can be given. Every field may be left out. */
export interface EmbeddedRuntimeModuleOptions {
  /**
   * How many model calls one turn may take; then it stops with *max_turns*.
   * @default 200
   */
  readonly stepLimit?: number;
  /**
   * How often one model call is tried, in all.
   * @default 5
   */
  readonly attempts?: number;
  /**
   * The longest wait before a model call is tried again, in milliseconds. A model that asks for more stops the turn
   * with *rate_limit*.
   * @default 60000
   */
  readonly longestWaitMs?: number;
  /**
   * A model call in which nothing happens for so long counts as lost, in milliseconds.
   * @default 300000
   */
  readonly modelIdleMs?: number;
  /**
   * How long a command may run unless the agent asks for another limit, in milliseconds.
   * @default 120000
   */
  readonly commandTimeoutMs?: number;
  /**
   * The longest limit the agent may ask for, in milliseconds.
   * @default 900000
   */
  readonly commandTimeoutLimitMs?: number;
  /**
   * How many bytes of a tool's output the model sees, half from its beginning, half from its end.
   * @default 32768
   */
  readonly outputBytes?: number;
  /**
   * PATH of the agent's commands.
   * @default the directory of the running Node, then /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
   */
  readonly commandPath?: string;
  /**
   * Who commits, where the agent commits.
   * @default { name: 'Mosaic Coordinator', email: 'coordinator@localhost' }
   */
  readonly author?: CommandSettings['author'];
  /**
   * The way out of the agent's commands, such as one to package registries. Null: in a sandbox they have none.
   * @default null
   */
  readonly network?: NetworkAccess | null;
}

/** The options once checked, with every default filled in. */
export type EmbeddedRuntimeOptions = Required<EmbeddedRuntimeModuleOptions>;

const LEAST: Readonly<Partial<Record<keyof EmbeddedRuntimeModuleOptions, number>>> = {
  stepLimit: 1,
  attempts: 1,
  longestWaitMs: 0,
  modelIdleMs: 1,
  commandTimeoutMs: 1,
  commandTimeoutLimitMs: 1,
  outputBytes: 256,
};

/** @throws {InvalidAgentsOptionsError} if a number is out of range */
export function resolveEmbeddedOptions(given: EmbeddedRuntimeModuleOptions): EmbeddedRuntimeOptions {
  const options: EmbeddedRuntimeOptions = {
    stepLimit: given.stepLimit ?? 200,
    attempts: given.attempts ?? 5,
    longestWaitMs: given.longestWaitMs ?? 60_000,
    modelIdleMs: given.modelIdleMs ?? 300_000,
    commandTimeoutMs: given.commandTimeoutMs ?? 120_000,
    commandTimeoutLimitMs: given.commandTimeoutLimitMs ?? 900_000,
    outputBytes: given.outputBytes ?? 32_768,
    commandPath: given.commandPath ?? DEFAULT_COMMAND_PATH,
    author: given.author ?? { name: 'Mosaic Coordinator', email: 'coordinator@localhost' },
    network: given.network ?? null,
  };
  for (const [key, least] of Object.entries(LEAST)) {
    const value: unknown = options[key as keyof EmbeddedRuntimeOptions];
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw new InvalidAgentsOptionsError(`Expected ${key} to be a whole number from ${least}, got ${String(value)}`);
    }
  }
  return options;
}
