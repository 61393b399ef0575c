import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const READY = 'database system is ready to accept connections';
/** A killed server's children take a moment to go, and hold its memory until then. */
const ATTEMPTS = 60;
const PAUSE_MS = 100;
const NAME = 'coordinator';

/** Where PostgreSQL's programs are, or null. */
export function findPostgres() {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianFolders()];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isProgram(join(folder, name)))) ?? null;
}

/** A PostgreSQL of the harness's own, which can be killed, and what the coordinators' database in it says. */
export class PostgresStore {
  child = null;

  constructor(given) {
    Object.assign(this, given);
  }

  /** @throws {Error} if there is no PostgreSQL on this machine, or it does not start */
  static async start(program, folder) {
    const programs = findPostgres();
    if (programs === null) throw new Error('There is no PostgreSQL: neither PATH nor Debian has initdb and postgres');
    const { Client } = createRequire(program)('pg');
    const place = join(folder, 'postgres');
    mkdirSync(place);
    // Who runs it must get to it, and nobody else sees more than names.
    chmodSync(folder, 0o711);
    if (OWNER.uid !== undefined) chownSync(place, OWNER.uid, OWNER.gid);
    const argv = [
      '-D',
      join(place, 'cluster'),
      '-U',
      'postgres',
      '--auth=trust',
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
    ];
    const made = spawnSync(join(programs, 'initdb'), argv, { ...OWNER, cwd: place, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const store = new PostgresStore({ programs, place, Client, port: await freePort() });
    await store.restart();
    await store.query(`create database ${NAME}`, 'postgres');
    return store;
  }

  get environment() {
    return { DATABASE_URL: this.url(NAME) };
  }

  url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  async query(sql, database = NAME) {
    const client = new this.Client({ connectionString: this.url(database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it as a power cut does, but for what the system has not written yet. */
  kill() {
    return this.end('SIGKILL');
  }

  async restart() {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await this.tryStart()) return;
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
    throw new Error(`PostgreSQL does not start: ${this.said}`);
  }

  close() {
    return this.end('SIGQUIT');
  }

  async tryStart() {
    const settings = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.place}`,
      'shared_buffers=64MB',
      'max_connections=100',
    ];
    const argv = ['-D', join(this.place, 'cluster'), ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(join(this.programs, 'postgres'), argv, {
      ...OWNER,
      cwd: this.place,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.said = '';
    const isUp = await new Promise((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text) => {
        this.said = `${this.said}${text}`.slice(-2_000);
        if (this.said.includes(READY)) resolve(true);
      });
      child.once('exit', () => resolve(false));
    });
    if (isUp) this.child = child;
    return isUp;
  }

  async end(signal) {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
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

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
