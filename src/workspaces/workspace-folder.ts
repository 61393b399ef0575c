import { lstat, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueKey, type IssueRef } from '../kernel/index.js';
import { jobDirectoryName } from './job-directory.js';
import { mirrorDirectory } from './repository-mirror.js';
import { parseWorkspaceRecord, type WorkspaceRecord } from './workspace-record.js';
import type { Workspace } from './workspaces.types.js';

/** Where everything of one job is. All of it lies in one directory, which is made whole or not at all. */
export class WorkspaceFolder {
  private readonly name: string;

  /** @param root the directory of all workspaces */
  constructor(
    private readonly root: string,
    readonly issue: IssueRef,
  ) {
    this.name = jobDirectoryName(issue);
  }

  get directory(): string {
    return join(this.jobs, this.name);
  }

  /** Where it is made, before it is moved to `directory` in one step. */
  get making(): string {
    return `${this.directory}.making`;
  }

  get index(): string {
    return join(this.directory, 'index');
  }

  get checkouts(): string {
    return join(this.directory, 'checkouts');
  }

  /** Of references in the mirror: the commit the job is pinned to, the last one published, the last one captured. */
  reference(what: 'base' | 'published' | 'captured'): string {
    return `${this.references}${what}`;
  }

  /** What all references of the job begin with. */
  get references(): string {
    return `refs/coordinator/jobs/${this.name}/`;
  }

  treeIn(directory: string): string {
    return join(directory, 'tree');
  }

  workspace(record: WorkspaceRecord): Workspace {
    const { branch, baseBranch, baseCommit } = record;
    const { issue, directory } = this;
    const mirror = mirrorDirectory(this.root, issue.owner, issue.repo);
    return {
      issue,
      directory: this.treeIn(directory),
      agentHome: join(directory, 'agent'),
      branch,
      baseBranch,
      baseCommit,
      readable: [join(mirror, 'objects')],
    };
  }

  /** Makes the empty folders in `making`. */
  async begin(): Promise<void> {
    await mkdir(this.jobs, { recursive: true, mode: 0o700 });
    for (const name of ['', 'tree', 'agent', 'checkouts']) await mkdir(join(this.making, name), { mode: 0o700 });
  }

  /** Writes the record and moves `making` to its place, which is free. */
  async finish(record: WorkspaceRecord): Promise<void> {
    await writeFile(join(this.making, RECORD), `${JSON.stringify(record)}\n`);
    await rename(this.making, this.directory);
  }

  /** The record of a workspace that is whole enough to go on in: it and the tree are there. */
  async record(): Promise<WorkspaceRecord | null> {
    const text = await readFile(join(this.directory, RECORD), 'utf8').catch(() => '');
    const record = parseWorkspaceRecord(text);
    if (record?.issue !== issueKey(this.issue) || !(await isDirectory(this.treeIn(this.directory)))) return null;
    await mkdir(join(this.directory, 'agent'), { recursive: true, mode: 0o700 });
    return record;
  }

  /** Checkouts that a crash left. */
  async leftCheckouts(): Promise<readonly string[]> {
    const names = await readdir(this.checkouts).catch((): string[] => []);
    return names.map((name) => join(this.checkouts, name));
  }

  private get jobs(): string {
    return join(this.root, 'jobs');
  }
}

/** Whether a directory is there, and not a link to one. */
export async function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}

const RECORD = 'workspace.json';
