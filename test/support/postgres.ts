import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';

import { afterAll, beforeAll, describe } from '@jest/globals';
import { Client } from 'pg';

import { makeTemporaryFolder, type TemporaryFolder } from './temporary-folder.js';

/** Where Debian keeps the programs of its versions, which are not in PATH. */
const DEBIAN = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
/** How often a start is tried: a port may be taken in between, and a killed server's children take a moment to go. */
const ATTEMPTS = 40;

const READY = 'database system is ready to accept connections';

/** Where PostgreSQL's programs are; null with a reason where there are none. */
export type PostgresPrograms = { readonly folder: string } | { readonly folder: null; readonly reason: string };

/** Whether this machine has a PostgreSQL to try things on. */
export function lookForPostgres(): PostgresPrograms {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianFolders()];
  const folder = folders.find((one) => isProgram(join(one, 'initdb')) && isProgram(join(one, 'postgres')));
  return folder === undefined
    ? { folder: null, reason: 'neither PATH nor Debian has initdb and postgres' }
    : { folder };
}

/**
 * Describes what needs a PostgreSQL, with a server of its own; on a machine without one it is skipped, with the reason in
 * the title.
 */
export function describePostgres(
  title: string,
  cases: (server: () => PostgresServer) => void,
  options: PostgresOptions = {},
): void {
  const programs = lookForPostgres();
  if (programs.folder === null) {
    describe.skip(`${title} (skipped, no PostgreSQL here: ${programs.reason})`, () => {
      cases(notStarted);
    });
    return;
  }
  describe(title, () => {
    let server: PostgresServer | undefined;

    beforeAll(async () => {
      server = await PostgresServer.start(options);
    }, 60_000);

    afterAll(async () => {
      await server?.remove();
    });

    cases(() => server ?? notStarted());
  });
}

function notStarted(): never {
  throw new Error('PostgreSQL has not been started yet');
}

export interface PostgresOptions {
  /** Whether commits survive a power cut, as they must where their cost is measured. @default false */
  readonly durable?: boolean;
  /** Whether it takes encrypted connections, with a certificate for 127.0.0.1 that is its own authority. @default false */
  readonly tls?: boolean;
}

/** A role that is let in with its password alone, where it exists; every other one is let in. */
export const GUARDED_ROLE = 'guarded';

/** A PostgreSQL of its own on a port of the loopback, in a temporary folder, where everybody is let in. */
export class PostgresServer {
  private child: ChildProcess | undefined;
  private created = 0;

  private constructor(
    private readonly programs: string,
    private readonly folder: TemporaryFolder,
    private readonly settings: readonly string[],
    readonly port: number,
  ) {}

  /** @throws {Error} if there is no PostgreSQL here, or it does not start */
  static async start({ durable = false, tls = false }: PostgresOptions = {}): Promise<PostgresServer> {
    const programs = lookForPostgres();
    if (programs.folder === null) throw new Error(programs.reason);
    const folder = makeTemporaryFolder();
    if (OWNER.uid !== undefined) chownSync(folder.path, OWNER.uid, OWNER.gid);
    const data = join(folder.path, 'cluster');
    const argv = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'];
    const made = spawnSync(join(programs.folder, 'initdb'), argv, { ...OWNER, cwd: folder.path, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const rights = join(data, 'pg_hba.conf');
    // The first rule that fits counts.
    writeFileSync(rights, `host all ${GUARDED_ROLE} 127.0.0.1/32 scram-sha-256\n${readFileSync(rights, 'utf8')}`);
    if (tls) makeCertificate(folder.path);
    const secrecy = tls
      ? ['ssl=on', `ssl_cert_file=${folder.path}/tls.crt`, `ssl_key_file=${folder.path}/tls.key`]
      : [];
    const durability = durable ? [] : ['fsync=off', 'full_page_writes=off'];
    const size = ['shared_buffers=32MB', 'max_connections=120', 'max_wal_size=256MB', 'autovacuum_naptime=10s'];
    const server = new PostgresServer(programs.folder, folder, [...durability, ...size, ...secrecy], await freePort());
    await server.resume();
    return server;
  }

  /** Where its files are; nobody else's. */
  get path(): string {
    return this.folder.path;
  }

  /** The folder in which its socket is. */
  get socketFolder(): string {
    return this.folder.path;
  }

  /** The certificate of a server with `tls`, which is the authority for itself. */
  get certificateFile(): string {
    return join(this.folder.path, 'tls.crt');
  }

  /** The process that all its others are children of. */
  get pid(): number {
    return Number(this.child?.pid);
  }

  /** The address of a database, for a user who needs no password. */
  url(database: string): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes a database, empty or like another one that nobody is connected to, and gives its address. */
  async createDatabase(template = 'template1'): Promise<string> {
    this.created += 1;
    const name = `test_${this.created}`;
    await this.ask(`create database ${name} template ${template}`);
    return this.url(name);
  }

  /** Asks the server itself, on a connection of its own. */
  async ask<Row extends object>(sql: string, database = 'postgres'): Promise<readonly Row[]> {
    const client = new Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it as a power cut does, and resolves when all of it is gone. */
  async kill(): Promise<void> {
    const children = childrenOf(this.pid);
    await this.end('SIGKILL');
    // They would go by themselves, once they have done what they are at.
    for (const pid of children) killIfThere(pid);
    while (children.some(isAlive)) await otherWork();
  }

  /** Starts it again after a kill, on the same port. */
  async resume(): Promise<void> {
    let said = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      said = await this.tryStart();
      if (said === '') return;
    }
    throw new Error(`PostgreSQL does not start: ${said}`);
  }

  /** Stops it and deletes everything of it. */
  async remove(): Promise<void> {
    // At once, whoever is connected: nothing of it is needed any more.
    await this.end('SIGQUIT');
    this.folder.remove();
  }

  /** Empty once it takes connections; otherwise what it said before it ended. */
  private async tryStart(): Promise<string> {
    const settings = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.folder.path}`,
      ...this.settings,
    ];
    const argv = ['-D', join(this.folder.path, 'cluster'), ...settings.flatMap((setting) => ['-c', setting])];
    const child = spawn(join(this.programs, 'postgres'), argv, {
      ...OWNER,
      cwd: this.folder.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const started = new Promise<boolean>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-4_000);
        if (said.includes(READY)) resolve(true);
      });
      child.once('exit', () => resolve(false));
    });
    if (!(await started)) return said;
    this.child = child;
    // It runs on through many tests, and none of them has left it behind.
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
    return '';
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

function makeCertificate(folder: string): void {
  const argv = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'tls.key', '-out', 'tls.crt'];
  const made = spawnSync('openssl', [...argv, ...files], { ...OWNER, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr ?? made.error}`);
}

/** None where the system does not say. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** Whoever waits to be reaped is not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function debianFolders(): readonly string[] {
  try {
    const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
