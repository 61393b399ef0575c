import { readFile, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseIssueRef, repositoryKey, type IssueRef, type KeyedLock } from '../kernel/index.js';
import { jobDirectoryNameOf } from './job-directory.js';
import { parseWorkspaceRecord } from './workspace-record.js';

/** Tells which jobs have ended, each by its issue as `issueKey` writes it. */
export interface JobEnds {
  live(): Promise<ReadonlySet<string>>;
  /** Of these the ones that ended, and when, in milliseconds since 1970. */
  endedAt(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** A directory that can be deleted as a whole. */
export interface KeptDirectory {
  /** Its path from the root. */
  readonly id: string;
  readonly kind: 'workspace' | 'mirror';
  readonly bytes: number;
  /** When it was last needed, in milliseconds since 1970. */
  readonly usedAt: number;
  /** Whether it may not be deleted: its job has not ended, or nothing else has what is in it. */
  readonly isInUse: boolean;
}

/** What of the workspaces this needs. */
export interface KeptSurroundings {
  readonly root: string;
  /** Without it the mirrors are the only place that has finished work. */
  readonly canPush: boolean;
  readonly lock: KeyedLock;
  readonly sizesOf: (paths: readonly string[]) => Promise<readonly number[]>;
  readonly removeTree: (path: string) => Promise<void>;
  readonly removeJob: (issue: IssueRef, mayGo: () => Promise<boolean>) => Promise<void>;
  /** Told of a repository whose mirror is no longer there. */
  readonly closeMirror: (key: string) => void;
}

interface JobDirectory {
  /** Without what says that it is not whole. */
  readonly name: string;
  readonly path: string;
  /** As `issueKey` writes it; null where no record tells. */
  readonly issue: string | null;
}

const MIRRORS = 'mirrors';
const DROPPED = '.dropped';

/** The lock of whoever works in the directory of a job. */
export function jobLock(name: string): string {
  return `job ${name}`;
}

/** The lock of whoever begins to use a mirror. */
export function mirrorLock(key: string): string {
  return `open ${key}`;
}

/**
 * What jobs and repositories take on the disk, and how it is deleted without harm to those who begin to use it.
 *
 * A job takes its directory, with what its agent kept in it: sessions, transcripts, a home. A mirror is in use while
 * there is a workspace on it, whose clone shares its objects.
 */
export class KeptWorkspaces {
  constructor(private readonly around: KeptSurroundings) {}

  async list(jobs: JobEnds): Promise<readonly KeptDirectory[]> {
    const directories = await this.jobDirectories();
    const mirrors = await this.mirrors();
    const live = await jobs.live();
    const liveNames = new Set([...live].map(jobDirectoryNameOf));
    const usedMirrors = new Set([...directories.flatMap(({ issue }) => issue ?? []), ...live].map(repositoryOf));
    const ends = await jobs.endedAt(directories.flatMap(({ issue }) => issue ?? []));
    const found = [
      ...directories.map(({ name, path, issue }) => ({
        id: path,
        kind: 'workspace' as const,
        isInUse: liveNames.has(name) && !path.endsWith(DROPPED),
        usedAt: ends.get(issue ?? '') ?? 0,
      })),
      ...mirrors.map((path) => ({
        id: path,
        kind: 'mirror' as const,
        isInUse: !this.around.canPush || usedMirrors.has(keyOf(path)),
        usedAt: 0,
      })),
    ];
    const sizes = await this.around.sizesOf(found.map(({ id }) => join(this.around.root, id)));
    return Promise.all(
      found.map(async ({ usedAt, ...directory }, at) => ({
        ...directory,
        bytes: sizes[at] ?? 0,
        usedAt: Math.max(usedAt, await this.touchedAt(directory.id)),
      })),
    );
  }

  /** Resolves with whether it is gone; false where its job, or one of its repository, has come to life. */
  async drop({ id }: Pick<KeptDirectory, 'id'>, jobs: JobEnds): Promise<boolean> {
    return id.startsWith(`${MIRRORS}/`) ? this.dropMirror(id, jobs) : this.dropWorkspace(id, jobs);
  }

  private async dropWorkspace(path: string, jobs: JobEnds): Promise<boolean> {
    const { root, lock, removeTree, removeJob } = this.around;
    const directory = (await this.jobDirectories()).find((one) => one.path === path);
    if (directory === undefined) return true;
    const { name, issue } = directory;
    const dropped = join(root, 'jobs', `${name}${DROPPED}`);
    let isFree = path.endsWith(DROPPED);
    const setAside = async (): Promise<boolean> => {
      isFree = ![...(await jobs.live())].map(jobDirectoryNameOf).includes(name);
      if (!isFree) return false;
      await removeTree(dropped);
      // In one step: whoever needs it on a shared disk finds all of it or nothing.
      await rename(join(root, path), dropped);
      return true;
    };
    if (!isFree && issue !== null) await removeJob(parseIssueRef(issue), setAside);
    else if (!isFree) await lock.hold(jobLock(name), setAside);
    if (isFree) await removeTree(dropped);
    return isFree;
  }

  private async dropMirror(path: string, jobs: JobEnds): Promise<boolean> {
    const { root, canPush, lock, closeMirror, removeTree } = this.around;
    const key = keyOf(path);
    const dropped = `${join(root, path).replace(/\.(making|dropped)$/, '')}${DROPPED}`;
    const isFree = await lock.hold(mirrorLock(key), async () => {
      const users = [...(await this.jobDirectories()).flatMap(({ issue }) => issue ?? []), ...(await jobs.live())];
      if (!canPush || users.map(repositoryOf).includes(key)) return false;
      await removeTree(dropped);
      await rename(join(root, path), dropped).catch(() => undefined);
      closeMirror(key);
      return true;
    });
    // Whoever needs the mirror makes a new one meanwhile.
    if (isFree) await removeTree(dropped);
    return isFree;
  }

  private async jobDirectories(): Promise<readonly JobDirectory[]> {
    const names = await namesIn(join(this.around.root, 'jobs'));
    return Promise.all(
      names.map(async (entry) => {
        const path = join('jobs', entry);
        const name = entry.replace(/\.(making|dropped)$/, '');
        const text = await readFile(join(this.around.root, path, 'workspace.json'), 'utf8').catch(() => '');
        const issue = parseWorkspaceRecord(text)?.issue ?? null;
        // A record that names another directory's job is none of this one.
        return { name, path, issue: issue !== null && jobDirectoryNameOf(issue) === entry ? issue : null };
      }),
    );
  }

  private async mirrors(): Promise<readonly string[]> {
    const owners = await namesIn(join(this.around.root, MIRRORS));
    const found = await Promise.all(
      owners.map(async (owner) => {
        const names = await namesIn(join(this.around.root, MIRRORS, owner));
        return names.map((name) => join(MIRRORS, owner, name));
      }),
    );
    return found.flat();
  }

  /** By what the coordinator alone writes: times in the tree and the home are the agent's to set. */
  private async touchedAt(id: string): Promise<number> {
    const moments = await Promise.all(
      ['', 'index', 'checkouts'].map((name) =>
        stat(join(this.around.root, id, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    );
    return Math.max(...moments);
  }
}

function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((): string[] => []);
}

function repositoryOf(issue: string): string {
  return repositoryKey(parseIssueRef(issue));
}

/** The repository of a mirror, or of what is left of one. */
function keyOf(path: string): string {
  return path.slice(MIRRORS.length + 1).replace(/\.git(\.making|\.dropped)?$/, '');
}
