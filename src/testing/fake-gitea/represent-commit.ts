import { createHash } from 'node:crypto';
import type { ApiCall } from './api-call.js';
import { readCommits, type ReadCommit } from './bare-repository.js';
import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeRepository } from './fake-gitea.types.js';
import { goTime } from './go-json.js';

/** Branches with their commits, in their order (services/convert/convert.go `ToBranch`, `ToPayloadCommit`). */
export async function representBranches(
  call: ApiCall,
  repository: FakeRepository,
  branches: readonly (readonly [name: string, commit: string])[],
): Promise<Record<string, unknown>[]> {
  const ids = branches.map(([, id]) => id);
  const commits = await readCommits(call.world.place(repository), ids);
  const mayPush = call.world.may(call.user, 'write', repository);
  return branches.map(([name], at) => ({
    name,
    commit: payloadCommit(call, repository, commits[at] as ReadCommit),
    protected: false,
    required_approvals: 0,
    enable_status_check: false,
    status_check_contexts: [],
    user_can_push: mayPush,
    user_can_merge: mayPush,
    effective_branch_protection_name: '',
  }));
}

/** A file with its text (modules/structs/repo_file.go `ContentsResponse`). */
export function representFile(
  call: ApiCall,
  repository: FakeRepository,
  path: string,
  text: string,
): Record<string, unknown> {
  const content = Buffer.from(text);
  const sha = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  const { rootUrl } = call.world.settings;
  const at = `${rootUrl}/api/v1/repos/${repositoryPath(repository)}`;
  const url = `${at}/contents/${path}`;
  const page = `${rootUrl}/${repositoryPath(repository)}/src/branch/${repository.defaultBranch}/${path}`;
  const links = { self: url, git: `${at}/git/blobs/${sha}`, html: page };
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    type: 'file',
    size: content.length,
    encoding: 'base64',
    content: content.toString('base64'),
    target: null,
    url,
    html_url: page,
    git_url: links.git,
    download_url: page.replace('/src/', '/raw/'),
    submodule_git_url: null,
    _links: links,
  };
}

/** The commit that a change of a file made (modules/structs/repo_file.go `FileCommitResponse`). */
export async function representFileCommit(
  call: ApiCall,
  repository: FakeRepository,
  id: string,
): Promise<Record<string, unknown>> {
  const [commit] = (await readCommits(call.world.place(repository), [id])) as [ReadCommit];
  const { rootUrl } = call.world.settings;
  const path = repositoryPath(repository);
  const meta = (sha: string, kind: string): object => ({
    url: `${rootUrl}/api/v1/repos/${path}/git/${kind}/${sha}`,
    sha,
    created: '0001-01-01T00:00:00Z',
  });
  const by = { name: commit.author, email: commit.email, date: goTime(commit.at) };
  return {
    ...meta(id, 'commits'),
    html_url: `${rootUrl}/${path}/commit/${id}`,
    author: by,
    committer: by,
    parents: commit.parents.map((parent) => meta(parent, 'commits')),
    message: commit.message,
    tree: meta(commit.tree, 'trees'),
  };
}

function payloadCommit(call: ApiCall, repository: FakeRepository, commit: ReadCommit): Record<string, unknown> {
  const user = { name: commit.author, email: commit.email, username: commit.author };
  return {
    id: commit.id,
    message: commit.message,
    url: `${call.world.settings.rootUrl}/${repositoryPath(repository)}/commit/${commit.id}`,
    author: user,
    committer: user,
    verification: { verified: false, reason: 'gpg.error.not_signed_commit', signature: '', signer: null, payload: '' },
    timestamp: goTime(commit.at),
    added: null,
    removed: null,
    modified: null,
  };
}
