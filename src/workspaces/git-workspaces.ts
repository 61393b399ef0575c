import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ProcessCommandRunner, type CommandRunner } from '../command-runner/index.js';
import {
  KeyedLock,
  SystemClock,
  SystemRandomness,
  isRepositoryName,
  issueKey,
  repositoryKey,
  type Clock,
  type IssueRef,
  type Randomness,
} from '../kernel/index.js';
import { checkOutCommit, makeAgentRepository } from './agent-repository.js';
import { draftBranch, isBranchName, isWorkBranch } from './branch-name.js';
import { captureTree } from './capture-tree.js';
import { changedFilesOf, diffOfCommits, filesOfCommit } from './contents-of-commit.js';
import { Git } from './git.js';
import { isObjectName } from './git-command.js';
import { jobDirectoryName } from './job-directory.js';
import { KeptWorkspaces, jobLock, mirrorLock } from './kept-workspaces.js';
import { readFileOfCommit } from './read-file-of-commit.js';
import { placeOf } from './place-of.js';
import { removeTree } from './remove-tree.js';
import { HEADS, ORIGIN, RepositoryMirror, mirrorDirectory, type MirrorReference } from './repository-mirror.js';
import { sizesOf } from './sizes-of.js';
import { findStartingPoint } from './starting-point.js';
import { WorkspaceFolder, isDirectory } from './workspace-folder.js';
import type { WorkspaceRecord } from './workspace-record.js';
import { BranchMovedError, InvalidWorkspaceRequestError, WorkspaceMissingError } from './workspaces.errors.js';
import {
  resolveWorkspacesOptions,
  type WorkspacesModuleOptions,
  type WorkspacesOptions,
} from './workspaces.options.js';
import type { CapturedWork, ChangedFile, Checkout, Workspace, WorkspaceRequest } from './workspaces.types.js';

const DIFF_STAT_BYTES = 16_000;

/**
 * Where agents work, and how their work leaves it, with git.
 *
 * Two kinds of repositories, and a wall between them. The coordinator's mirrors: only here does the coordinator run
 * git, fetch, push and hold commits. The agents' clones: made by the coordinator, and from then on files to read, in
 * which it never runs git again.
 *
 * Of processes that share a root directory only one at a time may work on a job: whoever holds the job.
 */
export class GitWorkspaces {
  private readonly options: WorkspacesOptions;
  private readonly runner: CommandRunner;
  private readonly git: Git;
  private readonly mirrors = new Map<string, RepositoryMirror>();
  private readonly lock = new KeyedLock();
  /** What is kept here, for whoever decides how long. */
  readonly kept: KeptWorkspaces;

  /** @throws {InvalidWorkspacesOptionsError} if an option is missing or out of range */
  constructor(
    options: WorkspacesModuleOptions,
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
  ) {
    this.options = resolveWorkspacesOptions(options);
    const { environment, gitTimeoutMs, giteaUrl, botName, token } = this.options;
    this.runner = this.options.commandRunner ?? new ProcessCommandRunner();
    this.git = new Git(this.runner, {
      environment,
      timeoutMs: gitTimeoutMs,
      forge: { url: giteaUrl, credentials: token === null ? null : { name: botName, token } },
    });
    this.kept = new KeptWorkspaces({
      root: this.options.root,
      canPush: this.canPush,
      lock: this.lock,
      sizesOf: (paths) => sizesOf(paths, this.runner, environment),
      removeTree: (path) => this.removeTree(path),
      removeJob: (issue, mayGo) => this.remove(issue, mayGo),
      closeMirror: (key) => this.mirrors.delete(key),
    });
  }

  /** Whether finished work can be pushed: with a token. */
  get canPush(): boolean {
    return this.options.token !== null;
  }

  /** Names the folder of all workspaces by what is written in it, so that it has one name for all who share it. */
  place(): Promise<string> {
    return this.lock.hold('place', () => placeOf(this.options.root, this.randomness));
  }

  /**
   * Makes the workspace of an issue, or finds it again with the work that is in it. One that is there is found without
   * the forge; one that is made anew goes on from what was published of the issue's branch.
   *
   * @throws {InvalidWorkspaceRequestError} if a name or commit in the request cannot be one
   * @throws {BaseMissingError} if there is nothing to start from
   */
  async prepare(request: WorkspaceRequest): Promise<Workspace> {
    const { issue, baseBranch, baseCommit } = request;
    if (baseBranch !== null && !isBranchName(baseBranch)) {
      throw new InvalidWorkspaceRequestError(`${JSON.stringify(baseBranch.slice(0, 200))} cannot be a branch`);
    }
    if (baseCommit !== null) requireObjectName(baseCommit);
    return this.withJob(issue, async (folder, mirror) => {
      for (const left of [folder.making, ...(await folder.leftCheckouts())]) await this.removeTree(left);
      const record = await folder.record();
      const { base, published } = await jobReferences(folder, mirror);
      const isUsable = record && base?.commit === record.baseCommit && published && isMeantBy(record, request);
      if (!isUsable) return this.make(folder, mirror, request);
      const tree = folder.treeIn(folder.directory);
      if (!(await isDirectory(join(tree, '.git')))) {
        await this.removeTree(join(tree, '.git'));
        await this.makeAgentRepository(tree, mirror, { ...record, startCommit: published.commit, writesFiles: false });
      }
      return folder.workspace(record);
    });
  }

  /**
   * Takes the tree as it is into one commit in the coordinator's own repository, on top of what was last published of
   * the branch, or of where the workspace began. The same tree gives the same commit again, with the message and time of
   * the first capture.
   *
   * @throws {TreeRefusedError} if the tree holds what must not become a commit; the message is fit for the agent
   * @throws {WorkspaceMissingError} if the workspace is not there
   */
  async capture(workspace: Workspace, message: string): Promise<CapturedWork> {
    return this.withJob(workspace.issue, async (folder, mirror) => {
      const { base, published, captured } = await jobReferences(folder, mirror);
      const tree = folder.treeIn(folder.directory);
      if (!published || base?.commit !== workspace.baseCommit || !(await isDirectory(tree))) {
        throw new WorkspaceMissingError(`The workspace of ${issueKey(workspace.issue)} is not there. Prepare it again`);
      }
      const parent = published.commit;
      const { index } = folder;
      const repository = mirror.directory;
      const treeName = await captureTree(this.git, { repository, tree, index, parent, limits: this.options });
      if (treeName === base.tree) return { commit: base.commit, tree: treeName, isChanged: false, diffStat: '' };

      const isSame = (known?: MirrorReference): boolean =>
        known?.tree === treeName && (known === published || known.parent === parent);
      let commit = [published, captured].find(isSame)?.commit;
      if (commit === undefined) {
        commit = await mirror.commitTree(treeName, parent, this.options.scrubber.scrub(message), {
          ...this.options.committer,
          at: this.clock.now(),
        });
        await mirror.setReferences({ [folder.reference('captured')]: commit });
      }
      const diffStat = await mirror.diffStat(base.commit, commit, DIFF_STAT_BYTES);
      return { commit, tree: treeName, isChanged: true, diffStat };
    });
  }

  /**
   * A clean checkout of exactly this commit, in a new directory: a repository of its own that holds this one commit, so
   * that gates may ask git about it. Nothing in it leads back to the coordinator's repositories.
   *
   * @throws {InvalidWorkspaceRequestError} if the coordinator's repository has no such commit
   */
  async checkout(workspace: Workspace, commit: string): Promise<Checkout> {
    const { folder, mirror } = await this.open(workspace.issue);
    await requireKnown(mirror, commit);
    const directory = join(folder.checkouts, this.randomness.uuid());
    await checkOutCommit(this.git, directory, pathToFileURL(mirror.directory).href, commit);
    return { directory, remove: () => this.removeTree(directory) };
  }

  /**
   * A file of the base commit; null where there is none or it is no regular file.
   *
   * @throws {InvalidWorkspaceRequestError} if the file is larger than 1 MB
   */
  async readBaseFile(workspace: Workspace, path: string): Promise<string | null> {
    const { mirror } = await this.open(workspace.issue);
    requireObjectName(workspace.baseCommit);
    return readFileOfCommit(mirror, workspace.baseCommit, path);
  }

  /** Every path of the base commit: files, links and submodules. */
  async listBaseFiles(workspace: Workspace): Promise<readonly string[]> {
    const { mirror } = await this.open(workspace.issue);
    requireObjectName(workspace.baseCommit);
    return filesOfCommit(mirror, workspace.baseCommit);
  }

  /**
   * The files that the commit has otherwise than the base commit.
   *
   * @throws {InvalidWorkspaceRequestError} if the coordinator's repository has no such commit
   */
  async changedFiles(workspace: Workspace, commit: string): Promise<readonly ChangedFile[]> {
    const mirror = await this.mirrorWith(workspace, commit);
    return changedFilesOf(mirror, workspace.baseCommit, commit);
  }

  /**
   * What the commit changes of the base commit, as a unified diff without context; null where it is larger than 8 MB.
   *
   * @throws {InvalidWorkspaceRequestError} if the coordinator's repository has no such commit
   */
  async diff(workspace: Workspace, commit: string): Promise<string | null> {
    const mirror = await this.mirrorWith(workspace, commit);
    return diffOfCommits(mirror, workspace.baseCommit, commit);
  }

  /**
   * Brings the commit to the branch of the same name at the forge; without a token, to that branch of the mirror. When
   * it is there already, by an earlier call whose answer was lost, this changes nothing. A branch that was deleted, as
   * after a merge, is made anew: there is nothing of anybody's to overwrite.
   *
   * @throws {BranchMovedError} if the branch exists and is neither at `expectedCommit` nor at `commit`
   * @throws {PushRefusedError} if the forge has a rule against it
   * @throws {ForgeAccessError} if the forge refuses the token
   * @throws {ForgeUnreachableError} if it cannot be said whether it was pushed: repeat it later
   */
  async publish(workspace: Workspace, commit: string, expectedCommit: string | null): Promise<void> {
    const { branch } = workspace;
    if (!isWorkBranch(branch)) {
      throw new InvalidWorkspaceRequestError(`${JSON.stringify(branch.slice(0, 200))} is no branch of the coordinator`);
    }
    if (expectedCommit !== null) requireObjectName(expectedCommit);
    return this.withJob(workspace.issue, async (folder, mirror) => {
      await requireKnown(mirror, commit);
      if (this.canPush) {
        const { commits } = await mirror.askForge([branch]);
        await mirror.push(commit, branch, commits.has(branch) ? expectedCommit : null);
      } else if (![null, expectedCommit, commit].includes(await mirror.commitOf(`${HEADS}${branch}`))) {
        throw new BranchMovedError(`The branch ${branch} of the local mirror is not where it was left`);
      }
      const known = `${this.canPush ? ORIGIN : HEADS}${branch}`;
      await mirror.setReferences({ [known]: commit, [folder.reference('published')]: commit });
    });
  }

  /**
   * Brings work that no gate has passed to the branch of drafts that belongs to the workspace's branch, at the forge or,
   * without a token, in the mirror; resolves with its name. What stood there before is replaced.
   *
   * @throws {BranchMovedError} if the branch exists and is neither at `expectedCommit` nor at `commit`
   * @throws {PushRefusedError} if the forge has a rule against it
   * @throws {ForgeUnreachableError} if it cannot be said whether it was pushed: repeat it later
   */
  async publishDraft(workspace: Workspace, commit: string, expectedCommit: string | null): Promise<string> {
    const branch = draftOf(workspace);
    if (expectedCommit !== null) requireObjectName(expectedCommit);
    return this.withJob(workspace.issue, async (_, mirror) => {
      await requireKnown(mirror, commit);
      const present = await this.presentCommit(mirror, branch);
      if (![null, expectedCommit, commit].includes(present)) {
        throw new BranchMovedError(`Somebody has gone on with ${branch}: it is not where it was left`);
      }
      if (this.canPush && present !== commit) await mirror.push(commit, branch, present);
      await mirror.setReferences({ [`${this.canPush ? ORIGIN : HEADS}${branch}`]: commit });
      return branch;
    });
  }

  /** Deletes the branch of drafts where it is still at the commit. */
  async dropDraft(workspace: Workspace, commit: string): Promise<void> {
    const branch = draftOf(workspace);
    requireObjectName(commit);
    await this.withJob(workspace.issue, async (_, mirror) => {
      if ((await this.presentCommit(mirror, branch)) !== commit) return;
      if (this.canPush) await mirror.push(null, branch, commit);
      await mirror.setReferences({ [`${this.canPush ? ORIGIN : HEADS}${branch}`]: null });
    });
  }

  /**
   * Deletes the directory of a job, and what the mirror kept for it. What was published stays.
   *
   * @param mayGo asked when nobody can be at work there; false: nothing is deleted
   */
  async remove(issue: IssueRef, mayGo: () => Promise<boolean> = () => Promise.resolve(true)): Promise<void> {
    await this.withJob(issue, async (folder, mirror) => {
      if (!(await mayGo())) return;
      await this.removeTree(folder.making);
      await this.removeTree(folder.directory);
      const references = await mirror.references(folder.references);
      await mirror.setReferences(Object.fromEntries(references.map(({ name }) => [name, null])));
      await mirror.collectGarbage();
    });
  }

  /** Where a branch is, at the forge or, without a token, in the mirror. */
  private async presentCommit(mirror: RepositoryMirror, branch: string): Promise<string | null> {
    if (!this.canPush) return mirror.commitOf(`${HEADS}${branch}`);
    return (await mirror.askForge([branch])).commits.get(branch) ?? null;
  }

  private async make(folder: WorkspaceFolder, mirror: RepositoryMirror, request: WorkspaceRequest): Promise<Workspace> {
    // One fetch at a time into a repository: two would take the same objects twice, and each other's locks.
    const start = await this.lock.hold(`fetch ${repositoryKey(request.issue)}`, () =>
      findStartingPoint(mirror, request, this.canPush),
    );
    await folder.begin();
    await this.makeAgentRepository(folder.treeIn(folder.making), mirror, { ...start, writesFiles: true });
    await this.removeTree(folder.directory);
    const { captured } = await jobReferences(folder, mirror);
    await mirror.setReferences({
      ...(captured ? { [captured.name]: null } : {}),
      [folder.reference('base')]: start.baseCommit,
      [folder.reference('published')]: start.startCommit,
    });
    const { branch, baseBranch, baseCommit } = start;
    const record = { issue: issueKey(request.issue), branch, baseBranch, baseCommit };
    await folder.finish(record);
    const { found } = start;
    return { ...folder.workspace(record), ...((found.branch ?? found.draft) !== null && { found }) };
  }

  private makeAgentRepository(
    tree: string,
    mirror: RepositoryMirror,
    rest: WorkspaceRecordAndStart & { readonly writesFiles: boolean },
  ): Promise<void> {
    const { committer: author } = this.options;
    return makeAgentRepository(this.git, { ...rest, tree, mirror: mirror.directory, author });
  }

  /** Runs an action on a job's folder and mirror, one at a time for each job. */
  private withJob<T>(
    issue: IssueRef,
    action: (folder: WorkspaceFolder, mirror: RepositoryMirror) => Promise<T>,
  ): Promise<T> {
    return this.lock.hold(jobLock(jobDirectoryName(issue)), async () => {
      const { folder, mirror } = await this.open(issue);
      return action(folder, mirror);
    });
  }

  private async open(
    issue: IssueRef,
  ): Promise<{ readonly folder: WorkspaceFolder; readonly mirror: RepositoryMirror }> {
    const { owner, repo, number } = issue;
    if (!isRepositoryName(owner) || !isRepositoryName(repo) || !Number.isSafeInteger(number) || number < 1) {
      throw new InvalidWorkspaceRequestError('The issue has an owner, repository or number that cannot be one');
    }
    const { root, giteaUrl } = this.options;
    const key = repositoryKey(issue);
    const mirror = await this.lock.hold(mirrorLock(key), async () => {
      const opened = this.mirrors.get(key);
      const directory = mirrorDirectory(root, owner, repo);
      const found = opened ?? new RepositoryMirror(this.git, directory, `${giteaUrl}/${owner}/${repo}.git`);
      await found.ensure();
      const { isShared, gitTimeoutMs } = this.options;
      if (!opened) await found.clearLocks(isShared ? gitTimeoutMs : 0);
      this.mirrors.set(key, found);
      return found;
    });
    return { folder: new WorkspaceFolder(root, issue), mirror };
  }

  private async mirrorWith({ issue, baseCommit }: Workspace, commit: string): Promise<RepositoryMirror> {
    const { mirror } = await this.open(issue);
    for (const needed of [baseCommit, commit]) await requireKnown(mirror, needed);
    return mirror;
  }

  private removeTree(path: string): Promise<void> {
    return removeTree(path, this.runner, this.options.environment);
  }
}

type WorkspaceRecordAndStart = Omit<WorkspaceRecord, 'issue'> & { readonly startCommit: string };

/** Whether a workspace that is there is the one that is asked for. */
function isMeantBy(record: WorkspaceRecord, request: WorkspaceRequest): boolean {
  const { baseBranch, baseCommit } = request;
  return [null, record.baseBranch].includes(baseBranch) && [null, record.baseCommit].includes(baseCommit);
}

async function jobReferences(folder: WorkspaceFolder, mirror: RepositoryMirror) {
  const found = await mirror.references(folder.references);
  const called = (what: Parameters<WorkspaceFolder['reference']>[0]): MirrorReference | undefined =>
    found.find(({ name }) => name === folder.reference(what));
  return { base: called('base'), published: called('published'), captured: called('captured') };
}

/** @throws {InvalidWorkspaceRequestError} if the workspace is on no branch of the coordinator */
function draftOf({ branch }: Workspace): string {
  if (isWorkBranch(branch)) return draftBranch(branch);
  throw new InvalidWorkspaceRequestError(`${JSON.stringify(branch.slice(0, 200))} is no branch of the coordinator`);
}

function requireObjectName(commit: string): void {
  if (isObjectName(commit)) return;
  throw new InvalidWorkspaceRequestError(`${JSON.stringify(commit.slice(0, 200))} is not the whole name of a commit`);
}

async function requireKnown(mirror: RepositoryMirror, commit: string): Promise<void> {
  requireObjectName(commit);
  if (await mirror.commitOf(commit)) return;
  throw new InvalidWorkspaceRequestError(`The commit ${commit} is not in the coordinator's repository`);
}
