import type { CommandResult, CommandRunner } from '../command-runner/index.js';
import { basicAuthorization, gitArgv, gitEnvironment, type ForgeAccess, type GitCall } from './git-command.js';
import { gitFailure } from './git-failure.js';
import { GitFailedError } from './workspaces.errors.js';

/** What a call may need besides itself. */
export interface GitRunOptions {
  readonly stdin?: string;
  /** Whether the call speaks to the forge. Without it, git may not leave this machine. */
  readonly reachesForge?: boolean;
  /** Output beyond this many bytes is an error, unless `mayBeCut`. */
  readonly keepOutputBytes?: number;
  readonly mayBeCut?: boolean;
}

export interface GitSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly forge: ForgeAccess;
}

const KEEP_BYTES = 1_000_000;

/** Runs git on the coordinator's own repositories, so that no tree, user or machine settings change what it does. */
export class Git {
  private readonly secrets: readonly string[];

  constructor(
    private readonly runner: CommandRunner,
    private readonly settings: GitSettings,
  ) {
    const { credentials } = settings.forge;
    this.secrets = credentials ? [credentials.token, basicAuthorization(credentials).slice('Basic '.length)] : [];
  }

  /**
   * Runs git and resolves with what it printed.
   *
   * @throws {CodedError} one of those in workspaces.errors.ts, by what git said, if it failed
   */
  async run(call: GitCall, options: GitRunOptions = {}): Promise<string> {
    const result = await this.attempt(call, options);
    if (result.exitCode !== 0) throw this.failure(call, result);
    if (result.stdout.isTruncated && !options.mayBeCut) {
      throw new GitFailedError(`git ${call.args[0]} printed ${result.stdout.totalBytes} bytes, more than is read`);
    }
    return result.stdout.text;
  }

  /** Runs git and resolves with its result, whatever that is. */
  attempt(call: GitCall, options: GitRunOptions = {}): Promise<CommandResult> {
    const { environment, timeoutMs, forge } = this.settings;
    return this.runner.run({
      argv: gitArgv(call),
      // Git is told where everything is, and finds nothing by looking around.
      cwd: call.workTree ?? '/',
      env: gitEnvironment(call, environment, options.reachesForge ? forge : null),
      timeoutMs,
      keepOutputBytes: options.keepOutputBytes ?? KEEP_BYTES,
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    });
  }

  /** The error that a result stands for. */
  failure(call: GitCall, result: CommandResult): Error {
    return gitFailure(call.args[0], result, this.secrets);
  }
}
