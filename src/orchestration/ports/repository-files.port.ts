import type { IssueRef } from '../../kernel/index.js';

/** Files as the tracker has them on a repository's default branch, for what must be known before there is a workspace. */
export interface RepositoryFiles {
  /**
   * A file's text; null where there is none, or it may not be seen. Throws a coded error when the tracker does not
   * answer.
   */
  fileText(repository: Pick<IssueRef, 'owner' | 'repo'>, path: string): Promise<string | null>;
}

/** Where nothing can be read before there is a workspace. */
export const NO_REPOSITORY_FILES: RepositoryFiles = { fileText: () => Promise.resolve(null) };
