import { branchName, branchPrefix, isBranchName, isWorkBranch } from './branch-name.js';
import { HEADS, type RepositoryMirror } from './repository-mirror.js';
import { BaseMissingError, ForgeUnreachableError } from './workspaces.errors.js';
import type { WorkspaceRequest } from './workspaces.types.js';

/** What a workspace is made from. */
export interface StartingPoint {
  readonly branch: string;
  readonly baseBranch: string;
  readonly baseCommit: string;
  /** The branch's own last commit where there is one that builds on the base, else the base. */
  readonly startCommit: string;
}

/**
 * Brings into the mirror what a new workspace needs, and no more: the base branch, and the issue's branch if work on
 * it was published before.
 *
 * @param canPush whether earlier work is looked for at the forge; otherwise it is in the mirror
 * @throws {BaseMissingError} if the repository is empty, or the base branch or the pinned commit does not exist
 */
export async function findStartingPoint(
  mirror: RepositoryMirror,
  request: WorkspaceRequest,
  canPush: boolean,
): Promise<StartingPoint> {
  const { number } = request.issue;
  const asked = [`${branchPrefix(number)}*`, ...(request.baseBranch === null ? [] : [request.baseBranch])];
  const forge = await mirror.askForge(asked);
  const baseBranch = request.baseBranch ?? forge.defaultBranch;
  if (baseBranch === null || !isBranchName(baseBranch)) {
    throw new BaseMissingError('The repository has no default branch with a commit. Push a first commit to it');
  }
  const newest = forge.commits.get(baseBranch);
  if (!newest) throw new BaseMissingError(`The branch ${baseBranch} does not exist at the forge`);

  const earlier = canPush ? [...forge.commits.keys()] : await localBranches(mirror, number);
  const branch = workBranch(number, request.title, earlier.filter(isWorkBranch));
  await fetchMissing(mirror, forge.commits, [baseBranch, ...(canPush ? [branch] : [])]);

  const baseCommit = request.baseCommit ?? newest;
  await requireCommit(mirror, baseCommit);
  const head = canPush ? (forge.commits.get(branch) ?? null) : await mirror.commitOf(`${HEADS}${branch}`);
  const isBuiltOnBase = head !== null && (await mirror.isAncestor(baseCommit, head));
  return { branch, baseBranch, baseCommit, startCommit: isBuiltOnBase ? head : baseCommit };
}

/**
 * The branch that the issue's work is on already, though its title was another one then: otherwise a changed title
 * would make a second branch and a second pull request.
 */
function workBranch(number: number, title: string, existing: readonly string[]): string {
  const name = branchName(number, title);
  const ours = existing.filter((branch) => branch.startsWith(branchPrefix(number)));
  const [only] = ours;
  return only !== undefined && ours.length === 1 ? only : name;
}

async function localBranches(mirror: RepositoryMirror, number: number): Promise<readonly string[]> {
  const references = await mirror.references(`${HEADS}${branchPrefix(number)}*`);
  return references.map(({ name }) => name.slice(HEADS.length));
}

async function fetchMissing(
  mirror: RepositoryMirror,
  commits: ReadonlyMap<string, string>,
  branches: readonly string[],
): Promise<void> {
  const missing: string[] = [];
  for (const branch of branches) {
    const commit = commits.get(branch);
    if (commit && (await mirror.originCommit(branch)) !== commit) missing.push(branch);
  }
  if (missing.length > 0) await mirror.fetch(missing);
}

/** A pinned commit may have left its branch since, by a force push. Gitea gives it out by its name all the same. */
async function requireCommit(mirror: RepositoryMirror, commit: string): Promise<void> {
  if (await mirror.commitOf(commit)) return;
  await mirror.fetch([], [commit]).catch((error: unknown) => {
    if (error instanceof ForgeUnreachableError) throw error;
  });
  if (await mirror.commitOf(commit)) return;
  throw new BaseMissingError(`The pinned base commit ${commit} does not exist at the forge any more`);
}
