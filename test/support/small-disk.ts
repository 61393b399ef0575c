import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { describe } from '@jest/globals';

import { makeTemporaryFolder, type TemporaryFolder } from './temporary-folder.js';

const MEGABYTE = 1_048_576;
const PIECE = Buffer.alloc(65_536, 'x');

/** A real disk that is small: a file system of its own in memory. */
export class SmallDisk implements Disposable {
  private constructor(private readonly folder: TemporaryFolder) {}

  static mount(megabytes: number): SmallDisk {
    const folder = makeTemporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'small-disk', folder.path], { stdio: 'pipe' });
    return new SmallDisk(folder);
  }

  get path(): string {
    return this.folder.path;
  }

  get freeMegabytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return (bavail * bsize) / MEGABYTE;
  }

  /** Takes everything that is left. */
  fill(): void {
    const file = openSync(this.filler, 'a');
    // In ever smaller pieces, to the last byte.
    for (let size = PIECE.length; size >= 1; size /= 2) {
      while (wasWritten(file, size));
    }
    closeSync(file);
  }

  /** Gives back what `fill` took. */
  clear(): void {
    rmSync(this.filler, { force: true });
  }

  [Symbol.dispose](): void {
    // Lazily: who still has a file open there keeps nobody from going on.
    execFileSync('umount', ['--lazy', this.path], { stdio: 'pipe' });
    this.folder.remove();
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }
}

function wasWritten(file: number, size: number): boolean {
  try {
    return writeSync(file, PIECE, 0, size) === size;
  } catch {
    return false;
  }
}

/** Describes what needs a disk that can be filled; where none can be made it is skipped, with the reason in the title. */
export function describeOnSmallDisk(title: string, cases: () => void): void {
  const reason = whyNone();
  (reason === null ? describe : describe.skip)(
    reason === null ? title : `${title} (skipped, no small disk here: ${reason})`,
    cases,
  );
}

function whyNone(): string | null {
  try {
    SmallDisk.mount(1)[Symbol.dispose]();
    return null;
  } catch (error) {
    return String(error).split('\n')[0] ?? 'it cannot be mounted';
  }
}
