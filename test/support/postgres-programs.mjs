import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** Where Debian keeps the programs of its versions, which are not in PATH. */
const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
/** Whom the server runs as, where it would not run as whoever starts it. */
export const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const READY = 'database system is ready to accept connections';

/** Where PostgreSQL's programs are, or null. */
export function findPostgres() {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianFolders()];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isProgram(join(folder, name)))) ?? null;
}

/**
 * Makes an empty cluster in a folder, which whoever runs it owns from then on.
 *
 * @param options of `initdb` besides
 * @throws {Error} with what initdb said
 */
export function makeCluster(programs, folder, options = []) {
  if (OWNER.uid !== undefined) chownSync(folder, OWNER.uid, OWNER.gid);
  const argv = ['-D', join(folder, 'cluster'), '-U', 'postgres', '--auth=trust', ...options];
  const made = spawnSync(join(programs, 'initdb'), [...argv, '-E', 'UTF8', '--locale=C.UTF-8'], {
    ...OWNER,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
}

/** Starts the server of a folder's cluster on a port of the loopback. `isUp` says whether it did; `said` is its end. */
export async function startServer(programs, folder, port, settings) {
  const all = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, ...settings];
  const argv = ['-D', join(folder, 'cluster'), ...all.flatMap((setting) => ['-c', setting])];
  const stdio = ['ignore', 'ignore', 'pipe'];
  const child = spawn(join(programs, 'postgres'), argv, { ...OWNER, cwd: folder, stdio });
  let said = '';
  const isUp = await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = `${said}${text}`.slice(-2_000);
      if (said.includes(READY)) resolve(true);
    });
    child.once('exit', () => resolve(false));
  });
  return { child, isUp, said };
}

export function urlOf(port, database) {
  return `postgres://postgres@127.0.0.1:${port}/${database}`;
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function debianFolders() {
  try {
    const versions = readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one));
    return versions.map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
