import { InvalidCommandRunnerOptionsError } from './command-runner.errors.js';
import type { Sandbox } from './sandbox.port.js';

/** What `CommandRunnerModule.forRoot` accepts. Every field may be left out. */
export interface CommandRunnerModuleOptions {
  /**
   * Who runs these commands: one name for one data folder, kept across restarts. Every process carries it, so that
   * `endLeftovers` finds those of a coordinator that was killed. Null: processes carry no owner.
   * @default null
   */
  readonly ownerId?: string | null;
  /**
   * Milliseconds between asking a process to end and killing it.
   * @default 2000
   */
  readonly graceMs?: number;
  /**
   * Makes the confinement of programs true. Null: a confined program runs as any other, and one that is to have a
   * network is refused, because there is nothing that leads it there.
   * @default null
   */
  readonly sandbox?: Sandbox | null;
}

/** The options once checked, with every default filled in. */
export type CommandRunnerOptions = Required<CommandRunnerModuleOptions>;

export const COMMAND_RUNNER_OPTIONS = Symbol('COMMAND_RUNNER_OPTIONS');

const OWNER_ID = /^[A-Za-z0-9._-]{1,100}$/;
const LONGEST_GRACE_MS = 60_000;

/** @throws {InvalidCommandRunnerOptionsError} if a value is out of range */
export function resolveCommandRunnerOptions(given: CommandRunnerModuleOptions): CommandRunnerOptions {
  const options = { ownerId: given.ownerId ?? null, graceMs: given.graceMs ?? 2000, sandbox: given.sandbox ?? null };
  if (options.ownerId !== null && !OWNER_ID.test(options.ownerId)) {
    throw new InvalidCommandRunnerOptionsError(
      `Expected ownerId to be 1 to 100 letters, digits, dots, dashes or underscores, got ${JSON.stringify(options.ownerId)}`,
    );
  }
  if (!(options.graceMs >= 0 && options.graceMs <= LONGEST_GRACE_MS)) {
    throw new InvalidCommandRunnerOptionsError(
      `Expected graceMs between 0 and ${LONGEST_GRACE_MS}, got ${options.graceMs}`,
    );
  }
  return options;
}
