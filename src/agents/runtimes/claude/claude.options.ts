import { InvalidAgentsOptionsError } from '../../agents.errors.js';
import { DEFAULT_COMMAND_PATH, type CommandSettings } from '../command-environment.js';

/** Settings of the claude runtime. Every field may be left out. */
export interface ClaudeRuntimeModuleOptions {
  /**
   * How long Claude Code may take to start, in milliseconds.
   * @default 120000
   */
  readonly startTimeoutMs?: number;
  /**
   * Answers of the model in one turn.
   * @default 200
   */
  readonly stepLimit?: number;
  /**
   * How often Claude Code itself tries a failed model call again.
   * @default 3
   */
  readonly modelRetries?: number;
  /**
   * Milliseconds that a session may wait before a model call is tried again; one that is told to wait longer ends its
   * turn.
   * @default 60000
   */
  readonly longestWaitMs?: number;
  /**
   * Milliseconds a command may take unless the agent asks for more.
   * @default 120000
   */
  readonly commandTimeoutMs?: number;
  /**
   * Milliseconds the agent may ask for.
   * @default 900000
   */
  readonly commandTimeoutLimitMs?: number;
  /**
   * The PATH of the agent and its commands.
   * @default the directory of this Node and the usual ones
   */
  readonly commandPath?: string;
  /**
   * Who commits, where the agent commits.
   * @default { name: 'Mosaic Coordinator', email: 'coordinator@localhost' }
   */
  readonly author?: CommandSettings['author'];
  /**
   * Told, once each, what an operator should know, such as a version that nobody has measured. Must not throw.
   * @default nobody is told
   */
  readonly onNotice?: (notice: string) => void;
}

/** The options once checked, with every default filled in. */
export type ClaudeRuntimeOptions = Required<ClaudeRuntimeModuleOptions>;

const LEAST: Readonly<Partial<Record<keyof ClaudeRuntimeModuleOptions, number>>> = {
  startTimeoutMs: 1,
  stepLimit: 1,
  modelRetries: 0,
  longestWaitMs: 0,
  commandTimeoutMs: 1,
  commandTimeoutLimitMs: 1,
};

/** @throws {InvalidAgentsOptionsError} if a number is out of range */
export function resolveClaudeOptions(given: ClaudeRuntimeModuleOptions): ClaudeRuntimeOptions {
  const options: ClaudeRuntimeOptions = {
    startTimeoutMs: given.startTimeoutMs ?? 120_000,
    stepLimit: given.stepLimit ?? 200,
    modelRetries: given.modelRetries ?? 3,
    longestWaitMs: given.longestWaitMs ?? 60_000,
    commandTimeoutMs: given.commandTimeoutMs ?? 120_000,
    commandTimeoutLimitMs: given.commandTimeoutLimitMs ?? 900_000,
    commandPath: given.commandPath ?? DEFAULT_COMMAND_PATH,
    author: given.author ?? { name: 'Mosaic Coordinator', email: 'coordinator@localhost' },
    onNotice: given.onNotice ?? (() => undefined),
  };
  for (const [key, least] of Object.entries(LEAST)) {
    const value: unknown = options[key as keyof ClaudeRuntimeOptions];
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw new InvalidAgentsOptionsError(`Expected ${key} to be a whole number from ${least}, got ${String(value)}`);
    }
  }
  return options;
}
