import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const READY = 'database system is ready to accept connections';

/** Where PostgreSQL's programs are, or null. */
export function findPostgres() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debianFolders()];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isProgram(join(folder, name)))) ?? null;
}

/** A PostgreSQL of the benchmark's own with the settings it comes with: every commit waits for the disk. */
export class Postgres {
  created = 0;

  constructor(given) {
    Object.assign(this, given);
  }

  static async start(programs) {
    const folder = mkdtempSync(join(tmpdir(), 'mosaic-bench-postgres-'));
    if (OWNER.uid !== undefined) chownSync(folder, OWNER.uid, OWNER.gid);
    const cluster = join(folder, 'cluster');
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', cluster, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'],
      { ...OWNER, cwd: folder, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const port = await freePort();
    const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    // Eight replicas with all connections they may have.
    settings.push('max_connections=200', 'fsync=on', 'synchronous_commit=on');
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
      { ...OWNER, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    const isUp = await new Promise((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said = `${said}${text}`.slice(-2_000);
        if (said.includes(READY)) resolve(true);
      });
      child.once('exit', () => resolve(false));
    });
    if (!isUp) throw new Error(`PostgreSQL does not start: ${said}`);
    return new Postgres({ folder, port, child });
  }

  /** The address of a new empty database. */
  async createDatabase() {
    this.created += 1;
    const client = new pg.Client({ connectionString: this.url('postgres') });
    await client.connect();
    await client.query(`create database bench_${this.created}`);
    const { rows } = await client.query('show server_version');
    this.version = rows[0].server_version;
    await client.end();
    return this.url(`bench_${this.created}`);
  }

  url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  async close() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGQUIT');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function debianFolders() {
  try {
    const versions = readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one));
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

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
