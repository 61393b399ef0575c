import { Ballast } from './ballast.js';
import type { FreeSpace } from './free-space.port.js';

/** Less than this is not enough to open a database. */
const START_BYTES = 4_194_304;

/**
 * Gives up the ballast in a folder whose disk is full: a service that was killed there could not start again, and so never
 * make room. Resolves with whether it did. Never rejects: what is wrong with the folder, its next user finds out.
 */
export async function makeRoomToStart(folder: string, disk: FreeSpace): Promise<boolean> {
  const freeBytes = await disk.freeBytes().catch(() => null);
  return freeBytes !== null && freeBytes < START_BYTES && new Ballast(folder, 0).release();
}
