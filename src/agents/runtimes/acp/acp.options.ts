import { InvalidAgentsOptionsError } from '../../agents.errors.js';
import { DEFAULT_COMMAND_PATH, type CommandSettings } from '../command-environment.js';

/** What an AcpRuntime can be given. Every field may be left out. */
export interface AcpRuntimeModuleOptions {
  /**
   * How long an agent may take to start, and how long to open a session, in milliseconds. The first start in an empty
   * home can take long.
   * @default 120000
   */
  readonly startTimeoutMs?: number;
  /**
   * How long an agent may take to end a turn after it was asked to, in milliseconds. Then its processes are ended.
   * @default 15000
   */
  readonly interruptGraceMs?: number;
  /**
   * How long an agent may take to shorten its history, in milliseconds.
   * @default 600000
   */
  readonly compactTimeoutMs?: number;
  /**
   * The longest message an agent may send, in bytes. A longer one ends it.
   * @default 16777216
   */
  readonly messageBytes?: number;
  /**
   * How much of an agent's standard error is kept for the sentence on why it failed, in bytes.
   * @default 4096
   */
  readonly stderrBytes?: number;
  /**
   * Where agents are looked for, and PATH of their commands.
   * @default the directory of the running Node, then /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
   */
  readonly commandPath?: string;
  /**
   * Files and directories that agents may read besides their own installation, absolute.
   * @default none
   */
  readonly readable?: readonly string[];
  /**
   * Who commits, where the agent commits.
   * @default { name: 'Mosaic Coordinator', email: 'coordinator@localhost' }
   */
  readonly author?: CommandSettings['author'];
}

/** The options once checked, with every default filled in. */
export type AcpRuntimeOptions = Required<AcpRuntimeModuleOptions>;

const LEAST = { startTimeoutMs: 1, interruptGraceMs: 0, compactTimeoutMs: 1, messageBytes: 1_024, stderrBytes: 0 };

/** @throws {InvalidAgentsOptionsError} if a number is out of range */
export function resolveAcpOptions(given: AcpRuntimeModuleOptions): AcpRuntimeOptions {
  const options: AcpRuntimeOptions = {
    startTimeoutMs: given.startTimeoutMs ?? 120_000,
    interruptGraceMs: given.interruptGraceMs ?? 15_000,
    compactTimeoutMs: given.compactTimeoutMs ?? 600_000,
    messageBytes: given.messageBytes ?? 16_777_216,
    stderrBytes: given.stderrBytes ?? 4_096,
    commandPath: given.commandPath ?? DEFAULT_COMMAND_PATH,
    readable: given.readable ?? [],
    author: given.author ?? { name: 'Mosaic Coordinator', email: 'coordinator@localhost' },
  };
  for (const [key, least] of Object.entries(LEAST)) {
    const value: unknown = options[key as keyof typeof LEAST];
    if (!Number.isSafeInteger(value) || (value as number) < least) {
      throw new InvalidAgentsOptionsError(`Expected ${key} to be a whole number from ${least}, got ${String(value)}`);
    }
  }
  return options;
}
