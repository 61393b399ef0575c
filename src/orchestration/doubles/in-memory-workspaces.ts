import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { formatIssueRef, issueKey, type IssueRef } from '../../kernel/index.js';
import type {
  CapturedWork,
  ChangedFile,
  Checkout,
  Workspace,
  WorkspaceRequest,
  Workspaces,
} from '../ports/workspaces.port.js';

const BASE_COMMIT = '0'.repeat(40);

/**
 * Workspaces without a repository: empty folders, whose "commits" are hashes of the files in them. The default, for
 * trying orchestration out, and the double in tests. Files live in the system's temporary folder until `dispose`.
 */
export class InMemoryWorkspaces implements Workspaces {
  readonly canPush = true;
  /** Branch and commit of everything published. */
  readonly published = new Map<string, string>();
  private readonly workspaces = new Map<string, Workspace>();
  private readonly commits = new Map<string, string>();
  private readonly folders: string[] = [];

  /**
   * @param baseFiles what `readBaseFile` finds, by path
   * @param storage what `place` says
   */
  constructor(
    private readonly baseFiles: Readonly<Record<string, string>> = {},
    private readonly storage = 'memory',
  ) {}

  place(): Promise<string> {
    return Promise.resolve(this.storage);
  }

  async prepare(request: WorkspaceRequest): Promise<Workspace> {
    const known = this.workspaces.get(issueKey(request.issue));
    if (known) return known;
    const folder = await this.makeFolder();
    const workspace: Workspace = {
      issue: request.issue,
      directory: join(folder, 'tree'),
      agentHome: join(folder, 'agent'),
      branch: `coordinator/${request.issue.number}-work`,
      baseBranch: request.baseBranch ?? 'main',
      baseCommit: request.baseCommit ?? BASE_COMMIT,
    };
    await mkdir(workspace.directory);
    await mkdir(workspace.agentHome);
    this.workspaces.set(issueKey(request.issue), workspace);
    return workspace;
  }

  async capture(workspace: Workspace): Promise<CapturedWork> {
    const names = await filesIn(workspace.directory);
    if (names.length === 0)
      return { commit: workspace.baseCommit, tree: workspace.baseCommit, isChanged: false, diffStat: '' };

    const hash = createHash('sha1');
    for (const name of names) hash.update(name).update(await readFile(name));
    const commit = hash.digest('hex');
    const copy = await this.makeFolder();
    await cp(workspace.directory, copy, { recursive: true });
    this.commits.set(commit, copy);
    return { commit, tree: commit, isChanged: true, diffStat: `${names.length} files changed` };
  }

  async checkout(_workspace: Workspace, commit: string): Promise<Checkout> {
    const directory = await this.makeFolder();
    await cp(this.commits.get(commit) ?? directory, directory, { recursive: true, force: true });
    return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
  }

  async readBaseFile(_workspace: Workspace, path: string): Promise<string | null> {
    return this.baseFiles[path] ?? null;
  }

  async listBaseFiles(): Promise<readonly string[]> {
    return Object.keys(this.baseFiles).sort();
  }

  /** The folders begin empty, so that a file of the base that is not in one was not deleted. */
  async changedFiles(_workspace: Workspace, commit: string): Promise<readonly ChangedFile[]> {
    const paths = [...(await this.texts(commit)).keys()];
    return paths.map((path) => ({ path, change: path in this.baseFiles ? 'changed' : 'added' }));
  }

  async diff(_workspace: Workspace, commit: string): Promise<string | null> {
    const files = [...(await this.texts(commit))].map(([path, text]) => {
      const lines = text.replace(/\n$/, '').split('\n');
      return `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;
    });
    return files.join('');
  }

  async publish(workspace: Workspace, commit: string): Promise<void> {
    this.published.set(`${formatIssueRef(workspace.issue)} ${workspace.branch}`, commit);
  }

  async publishDraft(workspace: Workspace, commit: string): Promise<string> {
    const branch = draftOf(workspace);
    this.published.set(`${formatIssueRef(workspace.issue)} ${branch}`, commit);
    return branch;
  }

  async dropDraft(workspace: Workspace, commit: string): Promise<void> {
    const key = `${formatIssueRef(workspace.issue)} ${draftOf(workspace)}`;
    if (this.published.get(key) === commit) this.published.delete(key);
  }

  async remove(issue: IssueRef): Promise<void> {
    const workspace = this.workspaces.get(issueKey(issue));
    this.workspaces.delete(issueKey(issue));
    if (workspace) await rm(join(workspace.directory, '..'), { recursive: true, force: true });
  }

  /** Deletes every folder it made. */
  async dispose(): Promise<void> {
    await Promise.all(this.folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
  }

  private async texts(commit: string): Promise<ReadonlyMap<string, string>> {
    const folder = this.commits.get(commit);
    const texts = new Map<string, string>();
    if (folder === undefined) return texts;
    for (const file of await filesIn(folder)) texts.set(relative(folder, file), await readFile(file, 'utf8'));
    return texts;
  }

  private async makeFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mosaic-'));
    this.folders.push(folder);
    return folder;
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();
}

function draftOf({ branch }: Workspace): string {
  return branch.replace('coordinator/', 'coordinator/wip/');
}
