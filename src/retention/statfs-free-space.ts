import { statfs } from 'node:fs/promises';
import type { FreeSpace } from './free-space.port.js';

/** Asks the operating system about the disk of a folder. */
export class StatfsFreeSpace implements FreeSpace {
  constructor(private readonly folder: string) {}

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }
}
