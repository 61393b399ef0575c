import { CodedError, type IssueRef } from '../../kernel/index.js';

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
  readonly isChanged: boolean;
  /** `git diff --stat` against the base commit, bounded. */
  readonly diffStat: string;
}

/** A file that a commit has otherwise than its base commit. One that was renamed is a deleted and an added one. */
export interface ChangedFile {
  /** Relative to the top of the repository. */
  readonly path: string;
  readonly change: 'added' | 'changed' | 'deleted';
}

export interface Checkout {
  readonly directory: string;
  remove(): Promise<void>;
}

/**
 * Whether the work cannot become a commit because of what the agent left in its tree, such as another repository in it.
 * The message says what, and is fit for the agent, who can mend it. Thrown by `capture` and `checkout`.
 */
export function isTreeRefusal(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'WORKSPACES_TREE_REFUSED';
}

/**
 * Whether only a person can go on: somebody else moved the branch, or the forge refuses the push by a rule. Thrown by
 * `publish`.
 */
export function isForPerson(error: unknown): boolean {
  return error instanceof CodedError && FOR_PERSONS.has(error.code);
}

const FOR_PERSONS = new Set(['WORKSPACES_BRANCH_MOVED', 'WORKSPACES_PUSH_REFUSED']);

/** Where agents work, and how their work leaves it. Nothing an agent put in its tree is ever run by these. */
export interface Workspaces {
  /** Whether finished work can be pushed. */
  readonly canPush: boolean;
  /** Names the storage that workspaces are kept on: the same for all coordinators that share it, and for good. */
  place(): Promise<string>;
  /** Makes the workspace of an issue, or finds it again with the work that is in it. */
  prepare(request: WorkspaceRequest): Promise<Workspace>;
  /** Takes the tree as it is now into one commit in the coordinator's own repository. Repeatable. */
  capture(workspace: Workspace, message: string): Promise<CapturedWork>;
  /** A clean checkout of exactly this commit, in a new directory. */
  checkout(workspace: Workspace, commit: string): Promise<Checkout>;
  /** A file of the base commit; null where there is none or it is no regular file. */
  readBaseFile(workspace: Workspace, path: string): Promise<string | null>;
  /** Every path of the base commit. */
  listBaseFiles(workspace: Workspace): Promise<readonly string[]>;
  /** The files that a captured commit has otherwise than the base commit. */
  changedFiles(workspace: Workspace, commit: string): Promise<readonly ChangedFile[]>;
  /** What it changes of the base commit, as a unified diff without context; null where that is too large. */
  diff(workspace: Workspace, commit: string): Promise<string | null>;
  /**
   * Brings the commit to the branch of the same name at the forge; without the right to push, to that branch of the
   * local mirror. Refuses when the branch exists there and is not at `expectedCommit`, unless it is at `commit` already.
   */
  publish(workspace: Workspace, commit: string, expectedCommit: string | null): Promise<void>;
  /**
   * Brings work that no gate has passed to a branch of its own, `coordinator/wip/…`, so that it is not lost, and resolves
   * with the name of that branch; without the right to push, in the local mirror. What stood there before is replaced.
   * Refuses when the branch exists and is neither at `expectedCommit` nor at `commit`: somebody went on with it.
   */
  publishDraft(workspace: Workspace, commit: string, expectedCommit: string | null): Promise<string>;
  /** Deletes that branch where it is still at the commit. */
  dropDraft(workspace: Workspace, commit: string): Promise<void>;
  /** Deletes the directory of a job. What was published stays, and so does a draft. */
  remove(issue: IssueRef): Promise<void>;
}
