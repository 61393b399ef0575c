import { addIssue, closeIssue, type IssueStart } from './act-on-issues.js';
import { announceChange } from './announce-change.js';
import { listBranches, mergeIntoBranch } from './bare-repository.js';
import { repositoryPath } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FakeIssue, FakePull, FakeRepository, FakeUser } from './fake-gitea.types.js';
import { representRepository, representUser } from './represent-repository.js';

const CLOSING = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([\w.-]+\/[\w.-]+))?#(\d+)/gi;
const NO_COMMIT = '0'.repeat(40);

/**
 * Opens a pull request between two branches.
 *
 * @throws {FakeGiteaError} if one of them is not there
 */
export function openPull(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  start: IssueStart & { readonly headBranch: string; readonly baseBranch: string },
  by: FakeUser,
): FakeIssue {
  const pull: FakePull = {
    id: world.newId(),
    headBranch: start.headBranch,
    baseBranch: start.baseBranch,
    headCommit: tipOf(repository, start.headBranch),
    baseCommit: tipOf(repository, start.baseBranch),
    mergeCommit: null,
    mergedAt: null,
    mergedBy: null,
    mergeBase: tipOf(repository, start.baseBranch),
    reviews: [],
  };
  const issue = addIssue(world, repository, start, by, pull);
  announceChange(world, issue, '', 'opened', by);
  return issue;
}

/**
 * Merges with a merge commit, closes the pull request (`closed`, with `merged` true) and then the issues it names
 * with a closing word, each with the merge commit as `commit_id`. An issue with open blockers is left open without
 * a word (services/pull/merge.go `handleCloseCrossReferences`).
 * False if it is no open pull request, or conflicts with its base.
 */
export async function mergePull(world: FakeGiteaWorld, issue: FakeIssue, by: FakeUser): Promise<boolean> {
  const { pull, repository } = issue;
  if (!pull || issue.state === 'closed') return false;
  const commit = await mergeIntoBranch(world.place(repository), {
    branch: pull.baseBranch,
    head: pull.headCommit,
    message: `Merge pull request '${issue.title}' (#${issue.number}) from ${pull.headBranch} into ${pull.baseBranch}\n`,
    by: { name: by.login, at: world.now() },
  });
  if (commit === null) return false;
  pull.mergeCommit = commit;
  pull.mergedAt = world.now();
  pull.mergedBy = by;
  await noticeBranches(world, repository, by);
  closeIssue(world, issue, by);
  for (const closed of issuesClosedBy(issue)) {
    if (!world.hasOpenBlockers(closed)) closeIssue(world, closed, by, commit);
  }
  return true;
}

/**
 * Compares the branches on disk with those last seen, and does what Gitea's hooks do after a push: a `push` event
 * for each changed branch, and `synchronized` for the pull requests whose head it is.
 */
export function noticeBranches(world: FakeGiteaWorld, repository: FakeRepository, by: FakeUser): Promise<void> {
  const noticed = (noticing.get(repository) ?? Promise.resolve()).then(() => compareBranches(world, repository, by));
  noticing.set(
    repository,
    noticed.catch(() => undefined),
  );
  return noticed;
}

/** One comparison at a time, or an older listing would undo what a newer one saw. */
const noticing = new WeakMap<FakeRepository, Promise<void>>();

async function compareBranches(world: FakeGiteaWorld, repository: FakeRepository, by: FakeUser): Promise<void> {
  const after = await listBranches(world.place(repository));
  const before = repository.branches;
  repository.branches = after;
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const from = before.get(name) ?? NO_COMMIT;
    const to = after.get(name) ?? NO_COMMIT;
    if (from !== to) noticePush(world, repository, { name, from, to }, by);
  }
}

function tipOf(repository: FakeRepository, branch: string): string {
  const commit = repository.branches.get(branch);
  if (commit === undefined) throw new FakeGiteaError(`There is no branch ${branch}`);
  return commit;
}

function noticePush(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  push: { readonly name: string; readonly from: string; readonly to: string },
  by: FakeUser,
): void {
  const sender = representUser(world, by);
  world.announce(repository, 'push', {
    ref: `refs/heads/${push.name}`,
    before: push.from,
    after: push.to,
    compare_url: `${world.settings.rootUrl}/${repositoryPath(repository)}/compare/${push.from}...${push.to}`,
    commits: [],
    total_commits: 0,
    head_commit: null,
    repository: representRepository(world, repository, by),
    pusher: sender,
    sender,
  });
  for (const issue of repository.issues.values()) {
    const { pull } = issue;
    if (!pull || issue.state === 'closed') continue;
    if (pull.baseBranch === push.name) pull.baseCommit = push.to;
    if (pull.headBranch !== push.name || push.to === NO_COMMIT) continue;
    pull.headCommit = push.to;
    issue.updatedAt = world.now();
    announceChange(world, issue, '_sync', 'synchronized', by, { pushed: { before: push.from, after: push.to } });
  }
}

function issuesClosedBy(issue: FakeIssue): FakeIssue[] {
  const own = repositoryPath(issue.repository).toLowerCase();
  const named = [...`${issue.title}\n${issue.body}`.matchAll(CLOSING)]
    .filter(([, path]) => path === undefined || path.toLowerCase() === own)
    .map(([, , digits]) => issue.repository.issues.get(Number(digits)));
  return [...new Set(named)].filter((other): other is FakeIssue => other !== undefined && other !== issue);
}
