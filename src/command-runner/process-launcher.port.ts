import type { Readable, Writable } from 'node:stream';
import type { Confinement } from './confinement.js';

/** A program that runs until it ends or is ended, and is spoken to while it runs. */
export interface LaunchRequest {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** An existing directory, absolute. */
  readonly cwd: string;
  /** The whole environment of the program. Nothing of ours is added but the mark that lets leftovers be found. */
  readonly env: Readonly<Record<string, string>>;
  /** What it may reach. Left out, it runs as the service itself does. */
  readonly confinement?: Confinement;
}

/** How a launched program ended. */
export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** One sentence for people on an end that the program did not choose, such as a limit; left out where there is none. */
  readonly reason?: string;
}

/** A program that was started, or could not be: then `exited` and `end` resolve and `failure` says why. */
export interface LaunchedProcess {
  /** Null when it could not be started. */
  readonly pid: number | null;
  /** Errors of a broken pipe are swallowed: `exited` tells that nobody reads any more. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the program itself has ended, with what it left behind still to be ended by `end`. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Why it could not be started, in one sentence; resolves with null as soon as it runs. */
  readonly failure: Promise<string | null>;
  /**
   * Ends the program and everything it started, whatever they do to survive. Resolves only when the whole process tree
   * is gone. May be called again.
   */
  end(): Promise<void>;
}

/**
 * Starts programs that are spoken to while they run. Whoever launches one also ends it, even when it has exited by
 * itself: what it left behind is ended by `end`.
 */
export interface ProcessLauncher {
  /** Starts a program. Never throws for what the program did: a missing one is a `failure`. */
  launch(request: LaunchRequest): LaunchedProcess;
}

export const PROCESS_LAUNCHER = Symbol('PROCESS_LAUNCHER');
