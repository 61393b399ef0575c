import { Inject, Injectable } from '@nestjs/common';
import { fieldsOf, optionalText } from './answer-fields.js';
import { GiteaHttp } from './gitea-http.js';
import { repositoryPath, type GiteaPath, type Repository } from './gitea-paths.js';
import { InvalidGiteaNameError } from './gitea.errors.js';
import type { NewFile } from './gitea-setup.types.js';
import type { GiteaPullRequest } from './gitea.types.js';
import { readPullRequest } from './read-answer.js';
import { isMissing } from './missing.js';

/** Files of a repository, read and proposed without a clone. */
@Injectable()
export class GiteaFilesClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /**
   * A file's text on a branch; null where there is no such file, or it is a folder.
   *
   * @param branch a branch, tag or commit; the default branch where it is left out
   */
  async fileText(ref: Repository, path: string, branch?: string): Promise<string | null> {
    const query = branch === undefined ? {} : { ref: branch };
    return orNull(async () => {
      const { body } = await this.http.send({ method: 'GET', path: contentsPath(ref, path), query });
      const fields = Array.isArray(body) ? {} : fieldsOf(body, 'a file');
      if (optionalText(fields, 'type') !== 'file') return null;
      return Buffer.from(optionalText(fields, 'content'), 'base64').toString('utf8');
    });
  }

  /** Commits a new file on a new branch, in one step. Gitea refuses where the file or the branch is there already. */
  async createFile(ref: Repository, { path, content, message, baseBranch, newBranch }: NewFile): Promise<void> {
    const body = {
      content: Buffer.from(content).toString('base64'),
      message,
      branch: baseBranch,
      new_branch: newBranch,
    };
    await this.http.send({ method: 'POST', path: contentsPath(ref, path), body });
  }

  async hasBranch(ref: Repository, branch: string): Promise<boolean> {
    const path = [...repositoryPath(ref), 'branches', ...branch.split('/')];
    return (await orNull(() => this.http.get(path))) !== null;
  }

  /** The newest pull request between two branches, of any state; null where there was none. */
  async pullRequestBetween(ref: Repository, baseBranch: string, headBranch: string): Promise<GiteaPullRequest | null> {
    const path = [...repositoryPath(ref), 'pulls', baseBranch, ...headBranch.split('/')];
    return orNull(async () => readPullRequest(await this.http.get(path)));
  }
}

/** Null where Gitea answers 404. */
async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @throws {InvalidGiteaNameError} if the path leaves the repository */
function contentsPath(ref: Repository, path: string): GiteaPath {
  const parts = path.split('/');
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..')) {
    return [...repositoryPath(ref), 'contents', ...parts];
  }
  throw new InvalidGiteaNameError(`${JSON.stringify(path.slice(0, 120))} is no path of a file in a repository`);
}
