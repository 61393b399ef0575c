import type { IssueRef } from '../kernel/index.js';

/** What a workspace is asked for. */
export interface WorkspaceRequest {
  readonly issue: IssueRef;
  readonly title: string;
  /** The branch the work goes to; null for the repository's default branch. */
  readonly baseBranch: string | null;
  /** The commit the job was pinned to by an earlier run; null to pin the base branch's newest. */
  readonly baseCommit: string | null;
}

/** The directory of a job, and what it was made from. */
export interface Workspace {
  readonly issue: IssueRef;
  /** A clone the agent works in, absolute. */
  readonly directory: string;
  /** What an agent runtime keeps between processes, absolute, outside `directory`. */
  readonly agentHome: string;
  /** `coordinator/<number>-<slug>` */
  readonly branch: string;
  readonly baseBranch: string;
  /** 40 hexadecimal digits. */
  readonly baseCommit: string;
  /** What the clone needs to be read besides its own directory, absolute: the objects it shares. None when left out. */
  readonly readable?: readonly string[];
  /**
   * Where the branch and its draft were when the workspace was made anew; null for one that did not exist. Left out where
   * neither did, or the workspace was there.
   */
  readonly found?: {
    readonly branch: string | null;
    readonly draft: { readonly branch: string; readonly commit: string } | null;
  };
}

/** The work as one commit. */
export interface CapturedWork {
  /** 40 hexadecimal digits. The base commit itself when nothing was changed. */
  readonly commit: string;
  /** The object of its tree, 40 hexadecimal digits: the same for the same files. */
  readonly tree: string;
  /** Whether the tree differs from the base commit's. */
  readonly isChanged: boolean;
  /** `git diff --stat` against the base commit, bounded. */
  readonly diffStat: string;
}

export const FILE_CHANGES = ['added', 'changed', 'deleted'] as const;

/** A file that a commit has otherwise than its base commit. One that was renamed is a deleted and an added one. */
export interface ChangedFile {
  /** Relative to the top of the repository. */
  readonly path: string;
  readonly change: (typeof FILE_CHANGES)[number];
}

/** The files of one commit. */
export interface Checkout {
  readonly directory: string;
  /** Deletes it. */
  remove(): Promise<void>;
}
