import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BALLAST_FILE = 'reserve';
const PIECE_BYTES = 1_048_576;

/**
 * A file that does nothing but take room on the disk. Deleted when the disk is full, it leaves the database what it needs
 * to go on until a person makes room; without it, nothing could be written any more, not even that work has stopped.
 */
export class Ballast {
  private readonly file: string;

  constructor(
    folder: string,
    private readonly bytes: number,
  ) {
    this.file = join(folder, BALLAST_FILE);
  }

  /** Makes the file, whole or not at all. */
  async take(): Promise<void> {
    const size = await stat(this.file).then(
      (found) => found.size,
      () => null,
    );
    if (size === this.bytes) return;
    const making = `${this.file}.new`;
    try {
      const file = await open(making, 'w', 0o600);
      try {
        // By chance: a file system that compresses would make nothing of zeros.
        const piece = randomBytes(Math.min(PIECE_BYTES, this.bytes));
        for (let left = this.bytes; left > 0; left -= piece.length) {
          await file.write(piece, 0, Math.min(left, piece.length));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(making, this.file);
    } catch (error) {
      await rm(making, { force: true });
      throw error;
    }
  }

  /** Deletes the file, and resolves with whether there was one. */
  async release(): Promise<boolean> {
    try {
      await rm(this.file);
      return true;
    } catch {
      return false;
    }
  }
}
