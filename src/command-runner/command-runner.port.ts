import type { Confinement } from './confinement.js';

/** One program to run. Never a shell string: whoever wants a shell names it in `argv`. */
export interface Command {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** An existing directory, absolute. */
  readonly cwd: string;
  /** The whole environment of the program. Nothing of ours is added but the mark that lets leftovers be found. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input, which is then closed. Without it the input is closed at once. */
  readonly stdin?: string | Uint8Array;
  /** What it may reach. Left out, it runs as the service itself does: for programs of the coordinator's own, such as git. */
  readonly confinement?: Confinement;
  /** After this many milliseconds the whole process tree is ended. */
  readonly timeoutMs: number;
  /**
   * How many bytes of each output stream are kept: half from its beginning, half from its end.
   * @default 262144
   */
  readonly keepOutputBytes?: number;
  /** Ends the whole process tree when aborted. */
  readonly signal?: AbortSignal;
}

/** What a program printed, bounded: where it printed more than was kept, the middle is missing. */
export interface CapturedOutput {
  /** Head and tail, with a line between them that says how many bytes are left out. Invalid UTF-8 is replaced. */
  readonly text: string;
  /** How many bytes the program really printed. */
  readonly totalBytes: number;
  readonly isTruncated: boolean;
}

export const COMMAND_ENDINGS = ['exited', 'killed', 'timed_out', 'aborted', 'not_started'] as const;
/**
 * How a command ended. *exited*: with an exit code. *killed*: by a signal we did not send. *timed_out*, *aborted*: we
 * ended it. *not_started*: the program is missing or may not be run.
 */
export type CommandEnding = (typeof COMMAND_ENDINGS)[number];

export interface CommandResult {
  readonly ending: CommandEnding;
  /** Null unless `ending` is *exited*. */
  readonly exitCode: number | null;
  /** One sentence on an ending other than *exited*, for people. */
  readonly reason: string | null;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly durationMs: number;
  /** How many processes the command left running in the background. They were ended. */
  readonly leftBehind: number;
}

/** Runs programs. */
export interface CommandRunner {
  /**
   * Runs one program to its end. Resolves only when its whole process tree is gone, and never rejects for what the
   * program did: a missing program, a time-out and a crash are results.
   */
  run(command: Command): Promise<CommandResult>;
}

export const COMMAND_RUNNER = Symbol('COMMAND_RUNNER');
