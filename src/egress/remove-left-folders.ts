import { lstat, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Removes folders of sockets that a coordinator left when it was killed: those of this user in which nobody listens any
 * more. An empty one stays: it may be about to be used.
 */
export async function removeLeftFolders(directory: string, prefix: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const folder = join(directory, name);
    if (await isLeft(folder).catch(() => false)) await rm(folder, { recursive: true, force: true });
  }
}

async function isLeft(folder: string): Promise<boolean> {
  const { uid } = userInfo();
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid) return false;
  const names = await readdir(folder);
  for (const name of names) {
    const path = join(folder, name);
    if (!(await lstat(path)).isSocket() || !(await isRefused(path))) return false;
  }
  return names.length > 0;
}

/** Whether nobody listens on a socket: not that nobody answers for the moment. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
