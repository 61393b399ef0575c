import { branchName, branchOfDraft, branchPrefix, draftBranch, isBranchName, isWorkBranch } from './branch-name.js';
import { HEADS, type RepositoryMirror } from './repository-mirror.js';
import { BaseMissingError, ForgeUnreachableError } from './workspaces.errors.js';
import type { Workspace, WorkspaceRequest } from './workspaces.types.js';

/** What a workspace is made from. */
export interface StartingPoint {
  readonly branch: string;
  readonly baseBranch: string;
  readonly baseCommit: string;
  /** The last commit of the branch's draft, else of the branch, that builds on what comes before it, else the base. */
  readonly startCommit: string;
  /** Where the branch and its draft are, at the forge or, without a token, in the mirror. */
  readonly found: NonNullable<Workspace['found']>;
}

/**
 * Brings into the mirror what a new workspace needs, and no more: the base branch, and the issue's branch if work on
 * it was published before or kept as a draft.
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
  const asked = [...patternsOf(number), ...(request.baseBranch === null ? [] : [request.baseBranch])];
  const forge = await mirror.askForge(asked);
  const baseBranch = request.baseBranch ?? forge.defaultBranch;
  if (baseBranch === null || !isBranchName(baseBranch)) {
    throw new BaseMissingError('The repository has no default branch with a commit. Push a first commit to it');
  }
  const newest = forge.commits.get(baseBranch);
  if (!newest) throw new BaseMissingError(`The branch ${baseBranch} does not exist at the forge`);

  const earlier = canPush ? [...forge.commits.keys()] : await localBranches(mirror, number);
  const published = earlier.filter(isWorkBranch);
  const drafted = earlier.map(branchOfDraft).filter((name) => name !== null);
  const branch = workBranch(number, request.title, published.length > 0 ? published : drafted);
  const kept = [branch, draftBranch(branch)];
  await fetchMissing(mirror, forge.commits, [baseBranch, ...(canPush ? kept : [])]);

  const baseCommit = request.baseCommit ?? newest;
  await requireCommit(mirror, baseCommit);
  const headOf = async (name: string): Promise<string | null> =>
    canPush ? (forge.commits.get(name) ?? null) : mirror.commitOf(`${HEADS}${name}`);
  let startCommit = baseCommit;
  for (const name of kept) {
    const head = await headOf(name);
    if (head !== null && (await mirror.isAncestor(startCommit, head))) startCommit = head;
  }
  const draft = { branch: draftBranch(branch), commit: await headOf(draftBranch(branch)) };
  const found = { branch: await headOf(branch), draft: isKnown(draft) ? draft : null };
  return { branch, baseBranch, baseCommit, startCommit, found };
}

function isKnown(draft: { branch: string; commit: string | null }): draft is { branch: string; commit: string } {
  return draft.commit !== null;
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

/** What finds the branches of an issue, and those of its drafts. */
function patternsOf(number: number): readonly [string, string] {
  const pattern = `${branchPrefix(number)}*`;
  return [pattern, draftBranch(pattern)];
}

async function localBranches(mirror: RepositoryMirror, number: number): Promise<readonly string[]> {
  const found = await Promise.all(patternsOf(number).map((pattern) => mirror.references(`${HEADS}${pattern}`)));
  return found.flat().map(({ name }) => name.slice(HEADS.length));
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
