/** What a look at the machine says about its sandbox. */
export type SandboxProbe =
  | { readonly usable: true; readonly version: string }
  | {
      readonly usable: false;
      /** What is wrong, in one sentence. */
      readonly reason: string;
      /** What an operator does about it, in one sentence or a few. */
      readonly remedy: string;
    };

/** Whether confined programs are confined. For start-up, readiness and every run. */
export interface SandboxState {
  readonly isConfining: boolean;
  /** Of bubblewrap; null where it is not used. */
  readonly version: string | null;
  /** Why nothing is confined and what to do, in sentences; null where it is. */
  readonly warning: string | null;
}

export const SANDBOX_STATE = Symbol('SANDBOX_STATE');

/** A place of the system that a confined program sees. */
export interface SystemPlace {
  readonly path: string;
  /** What it links to, as on systems where /bin is a link; null for a file or directory. */
  readonly link: string | null;
}

/** What the inside is made of, besides what a program is given. */
export interface SandboxLayout {
  /** Of `bwrap` and `prlimit`, absolute. */
  readonly programs: { readonly bubblewrap: string; readonly prlimit: string };
  readonly system: readonly SystemPlace[];
  /** Directories of the system that are shown empty, since people keep secrets in them. */
  readonly hidden: readonly string[];
  /** Files that are made for the inside: where they are outside, by where they are inside. */
  readonly made: Readonly<Record<string, string>>;
  /** Files and directories that every program may read. */
  readonly readable: readonly string[];
  /** The Node that runs the coordinator, as it is called inside. */
  readonly node: string;
  /** As in the options; they lie inside where they lie outside. */
  readonly bridgeFiles: readonly string[];
}
