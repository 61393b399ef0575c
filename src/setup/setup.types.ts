import type {
  Convergence,
  GiteaAccessClient,
  GiteaClient,
  GiteaFilesClient,
  GiteaHooksClient,
  Repository,
} from '../gitea/index.js';

/** Gitea, asked with one token. */
export interface SetupGitea {
  readonly client: GiteaClient;
  readonly access: GiteaAccessClient;
  readonly hooks: GiteaHooksClient;
  readonly files: GiteaFilesClient;
  readonly convergence: Convergence;
  /** The variable that holds the token. */
  readonly variable: string;
}

/** The repository as people write it. */
export function repositoryName({ owner, repo }: Repository): string {
  return `${owner}/${repo}`;
}
