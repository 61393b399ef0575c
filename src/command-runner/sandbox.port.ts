import type { Confinement } from './confinement.js';

/** A program that is to be started confined. */
export interface ConfinedProgram {
  readonly argv: readonly [string, ...string[]];
  /** An existing directory, absolute. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly confinement: Confinement;
}

/** What all processes of one program may take together. Looked at once a second, so that a short peak passes. */
export interface TreeLimits {
  /** How many processes may live at once. */
  readonly processes: number;
  /** Bytes of memory in use; what processes share counts for each of them. */
  readonly memoryBytes: number;
}

/** What is really started in a program's place, in the same directory and with the same environment. */
export interface ConfinedStart {
  readonly argv: readonly [string, ...string[]];
  /**
   * How many processes at the top of the tree are the sandbox's: the one that is started, its oldest child, the oldest
   * child of that, and so on. They are not asked to end, since they end with the program and some would take it along
   * at once; they are killed with the rest when it does not end.
   */
  readonly ownProcesses: number;
  /**
   * Whether a PID namespace holds the tree: then `argv` starts the program by `wardenArguments`, tells on descriptor
   * {@link NAMESPACE_DESCRIPTOR} what bubblewrap's `--info-fd` tells, and the end of the namespace's first process is
   * the end of all.
   */
  readonly hasNamespace: boolean;
  /** Null: they are not watched. */
  readonly limits: TreeLimits | null;
}

/** Makes a confinement true. Does nothing by itself: it says what to start. */
export interface Sandbox {
  /** @throws {ConfinementRefusedError} if it cannot be made true, such as with a directory that is missing */
  confine(program: ConfinedProgram): ConfinedStart;
}

/** Where the program's surroundings report, as `warden-report.ts` reads it: a socket. */
export const WARDEN_DESCRIPTOR = 3;
/** Where the process id of the namespace's first process is told. */
export const NAMESPACE_DESCRIPTOR = 4;

export const SANDBOX = Symbol('SANDBOX');
