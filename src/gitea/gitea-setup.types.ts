import type { Repository } from './gitea-paths.js';

/** Where webhooks are kept. */
export type HookPlace =
  | { readonly kind: 'repository'; readonly repository: Repository }
  | { readonly kind: 'organization'; readonly name: string }
  | { readonly kind: 'system' };

export interface GiteaHook {
  readonly id: number;
  readonly url: string;
  /** `json` or `form`. */
  readonly contentType: string;
  /** Every event type it hears of, such as `issue_assign`. */
  readonly events: readonly string[];
  readonly isActive: boolean;
}

export interface GiteaHookDraft {
  readonly url: string;
  readonly secret: string;
  /** `issues` and `pull_request` stand for everything about both. Names that Gitea does not know it skips without a word. */
  readonly events: readonly string[];
}

/** What a repository allows, and to whom: to the account of the token. */
export interface GiteaRepositoryStanding {
  readonly owner: string;
  readonly name: string;
  /** Null in an empty answer. */
  readonly defaultBranch: string | null;
  readonly isEmpty: boolean;
  readonly isArchived: boolean;
  readonly hasIssues: boolean;
  readonly hasPullRequests: boolean;
  /** Whether issues can block one another. */
  readonly hasDependencies: boolean;
  readonly mayWrite: boolean;
  readonly mayAdminister: boolean;
}

/** A file to be committed on a new branch. */
export interface NewFile {
  readonly path: string;
  readonly content: string;
  readonly message: string;
  /** The branch that the new one begins at. */
  readonly baseBranch: string;
  readonly newBranch: string;
}
