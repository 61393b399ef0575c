import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errorCodeOf } from './error-code.js';
import { ToolRefusedError } from './runtime.errors.js';

/** Larger files are for the shell. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies under a file, not a directory',
  EISDIR: 'is a directory',
  EACCES: 'may not be opened by this user',
  EPERM: 'may not be opened by this user',
  ELOOP: 'is a link that leads in a circle',
  ENXIO: 'is not a regular file',
  ENOSPC: 'could not be written: the disk is full',
  ENAMETOOLONG: 'has too long a name',
};

/**
 * The files of one workspace, for an agent's file tools. Decides by real paths, after every symbolic link, whether a
 * file lies in the workspace; opens regular files only; writes nothing that belongs to git.
 *
 * It confines these tools, not the agent's commands: those are the sandbox's business. While one of its calls runs, no
 * command of the same agent may run, or a path could change between the look and the opening.
 */
export class ConfinedFiles {
  private constructor(private readonly root: string) {}

  /** @throws {ToolRefusedError} if the workspace is not a directory */
  static async in(workspace: string): Promise<ConfinedFiles> {
    const root = await explained(workspace, () => realpath(workspace));
    if (!(await lstat(root)).isDirectory()) throw new ToolRefusedError(`${workspace} is not a directory`);
    return new ConfinedFiles(root);
  }

  /**
   * The real path behind `path`, of a file that may not exist yet.
   *
   * @throws {ToolRefusedError} if it lies outside the workspace
   */
  async locate(path: string): Promise<string> {
    const real = await explained(path, () => realOrFuture(resolve(this.root, path)));
    if (real !== this.root && !real.startsWith(this.root + sep)) {
      throw new ToolRefusedError(`${path} lies outside the workspace`);
    }
    return real;
  }

  /** A located path as the agent names it. */
  relative(real: string): string {
    return relative(this.root, real) || '.';
  }

  /** @throws {ToolRefusedError} if there is no such text file in the workspace */
  async read(path: string): Promise<string> {
    const real = await this.locate(path);
    const bytes = await opened(path, real, O_RDONLY, (file) => file.readFile());
    if (bytes.includes(0)) throw new ToolRefusedError(`${path} is binary`);
    return bytes.toString('utf8');
  }

  /** Writes a whole file, with the directories it needs. @throws {ToolRefusedError} if it may not be written */
  async write(path: string, content: string): Promise<void> {
    const real = await this.locate(path);
    if (isGits(relative(this.root, real))) throw new ToolRefusedError(`${path} belongs to git. Use git commands.`);
    const bytes = Buffer.from(content, 'utf8');
    if (bytes.length > MAX_FILE_BYTES) {
      throw new ToolRefusedError(`${path} would be ${bytes.length} bytes, more than ${MAX_FILE_BYTES}`);
    }
    await explained(path, () => mkdir(dirname(real), { recursive: true }));
    // Not O_TRUNC: what the file is has to be known before it is emptied.
    await opened(path, real, O_WRONLY | O_CREAT, async (file, { nlink }) => {
      // A second name of the same file may lie outside the workspace.
      if (nlink > 1) throw new ToolRefusedError(`${path} has several hard links. Remove it first.`);
      await file.truncate(0);
      await file.writeFile(bytes);
    });
  }

  /** Names in a directory, sorted; directories end with a slash. @throws {ToolRefusedError} if it is no directory */
  async list(path: string): Promise<string[]> {
    const real = await this.locate(path);
    const entries = await explained(path, () => readdir(real, { withFileTypes: true }));
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  }
}

/** Case does not matter, because to some file systems it does not. */
function isGits(relativePath: string): boolean {
  return relativePath.split(sep).some((part) => part.toLowerCase() === '.git');
}

async function realOrFuture(path: string): Promise<string> {
  const missing: string[] = [];
  for (let existing = path; ; existing = dirname(existing)) {
    try {
      return join(await realpath(existing), ...missing);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error;
      // Writing through a link that leads nowhere would create the file there.
      const entry = await lstat(existing).catch(() => null);
      if (entry !== null) throw new ToolRefusedError(`${basename(existing)} is a link that leads nowhere`);
      missing.unshift(basename(existing));
    }
  }
}

/** Opens a regular file of bounded size. Neither a link put there meanwhile nor a pipe nobody writes to can hold it up. */
async function opened<T>(
  path: string,
  real: string,
  flags: number,
  work: (file: FileHandle, stats: Stats) => Promise<T>,
): Promise<T> {
  return explained(path, async () => {
    const file = await open(real, flags | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new ToolRefusedError(`${path} is not a regular file`);
      if (stats.size > MAX_FILE_BYTES) {
        throw new ToolRefusedError(
          `${path} has ${stats.size} bytes, more than ${MAX_FILE_BYTES}. Use a command for it.`,
        );
      }
      return await work(file, stats);
    } finally {
      await file.close();
    }
  });
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ToolRefusedError) throw error;
    const code = String(errorCodeOf(error));
    throw new ToolRefusedError(`${path.slice(0, 200)} ${REASONS[code] ?? `could not be opened (${code})`}`);
  }
}
