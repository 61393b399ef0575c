import { constants } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readFile, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyedLock, type Clock } from '../kernel/index.js';
import type { DependencyCache } from './dependency-cache.port.js';
import { folderOfHome, isFolder } from './folder-of-home.js';
import { removeFolder } from './remove-folder.js';

/** Where a {@link FolderDependencyCache} lies, and how much it holds. */
export interface FolderDependencyCacheOptions {
  /** Absolute. Nobody but the coordinator may write to it, and agents may not read it. */
  readonly folder: string;
  readonly clock: Clock;
  /**
   * The most bytes of all entries together. One that is larger than this alone is not kept.
   * @default 5368709120
   */
  readonly maxBytes?: number;
  /**
   * The most entries.
   * @default 50
   */
  readonly maxEntries?: number;
}

const MAX_FILES = 500_000;
const UNFINISHED = '.new-';

/** One entry of the cache. */
export interface KeptDependencies {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** Keeps dependencies as folders of files: copied, or shared by the file system where that can copy on write. */
export class FolderDependencyCache implements DependencyCache {
  private readonly lock = new KeyedLock();
  private readonly folder: string;
  private readonly clock: Clock;
  private readonly maxBytes: number;
  private readonly maxEntries: number;

  constructor({ folder, clock, maxBytes = 5 * 1024 ** 3, maxEntries = 50 }: FolderDependencyCacheOptions) {
    this.folder = folder;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.maxEntries = maxEntries;
  }

  restore(key: string, home: string, paths: readonly string[]): Promise<boolean> {
    return this.lock.hold(key, async () => {
      const entry = join(this.folder, key);
      const names = await readdir(entry).catch((): string[] => []);
      if (names.length === 0) return false;
      for (const [at, path] of paths.entries()) {
        const folder = await folderOfHome(home, path);
        // What stands there could lead a copy elsewhere.
        await removeFolder(folder).catch(ignoreMissing);
        if (names.includes(String(at))) await copyFolder(join(entry, String(at)), folder);
      }
      const now = new Date(this.clock.now());
      await utimes(entry, now, now);
      return true;
    });
  }

  keep(key: string, home: string, paths: readonly string[]): Promise<void> {
    // One at a time: what is unfinished besides is left over from a coordinator that was killed.
    return this.lock.hold(UNFINISHED, async () => {
      if ((await lstat(join(this.folder, key)).catch(() => null)) !== null) return;
      const folders = [];
      for (const path of paths) folders.push(await folderOfHome(home, path));
      const bytes = await sizeOf(folders);
      if (bytes === 0 || bytes > this.maxBytes) return;
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await this.makeRoom(bytes);
      const unfinished = await mkdtemp(join(this.folder, UNFINISHED));
      for (const [at, folder] of folders.entries()) {
        if (await isFolder(folder)) await copyFolder(folder, join(unfinished, String(at)));
      }
      await writeFile(join(unfinished, 'size'), String(bytes));
      const now = new Date(this.clock.now());
      await utimes(unfinished, now, now);
      await rename(unfinished, join(this.folder, key));
    });
  }

  drop(key: string): Promise<void> {
    return this.lock.hold(key, () => removeFolder(join(this.folder, key)).catch(ignoreMissing));
  }

  /** What is kept, but for what is not finished. */
  async entries(): Promise<readonly KeptDependencies[]> {
    const entries = [];
    for (const key of await readdir(this.folder).catch((): string[] => [])) {
      const bytes = Number(await readFile(join(this.folder, key, 'size'), 'utf8').catch(() => Number.NaN));
      const usedAt = await stat(join(this.folder, key)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      );
      if (!key.startsWith(UNFINISHED) && Number.isFinite(bytes) && usedAt !== null)
        entries.push({ key, bytes, usedAt });
    }
    return entries;
  }

  /** Drops what is unfinished, and the entries that were not used for longest, until another one fits. */
  private async makeRoom(bytes: number): Promise<void> {
    const entries = (await this.entries()).toSorted((a, b) => b.usedAt - a.usedAt);
    const known = new Set(entries.map(({ key }) => key));
    for (const key of await readdir(this.folder)) if (!known.has(key)) await this.drop(key);
    let left = this.maxBytes - bytes;
    for (const [at, entry] of entries.entries()) {
      left -= entry.bytes;
      if (left < 0 || at + 1 >= this.maxEntries) await this.drop(entry.key);
    }
  }
}

/** Links stay links and are not followed. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/**
 * How many bytes folders hold; those that are missing or links hold none.
 *
 * @throws {Error} if there is more in them than anybody downloads, or what is neither file, folder nor link
 */
async function sizeOf(folders: readonly string[]): Promise<number> {
  let [bytes, files] = [0, 0];
  const left = [...folders];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    if (!(await isFolder(folder))) continue;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      files += 1;
      if (files > MAX_FILES) throw new Error(`There are more than ${MAX_FILES} files`);
      const path = join(folder, entry.name);
      if (entry.isDirectory()) left.push(path);
      else if (entry.isFile()) bytes += (await lstat(path)).size;
      else if (!entry.isSymbolicLink()) throw new Error(`${entry.name} is no file`);
    }
  }
  return bytes;
}
