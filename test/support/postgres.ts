import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';

import { afterAll, beforeAll, describe } from '@jest/globals';
import { Client } from 'pg';

import { OWNER, findPostgres, freePort, makeCluster, startServer, urlOf } from './postgres-programs.mjs';
import { makeTemporaryFolder, type TemporaryFolder } from './temporary-folder.js';

const NOT_HERE = 'neither PATH nor Debian has initdb and postgres';
/** How often a start is tried: a port may be taken in between, and a killed server's children take a moment to go. */
const ATTEMPTS = 40;

/**
 * Describes what needs a PostgreSQL, with a server of its own; on a machine without one it is skipped, with the reason in
 * the title.
 */
export function describePostgres(
  title: string,
  cases: (server: () => PostgresServer) => void,
  options: PostgresOptions = {},
): void {
  if (findPostgres() === null) {
    describe.skip(`${title} (skipped, no PostgreSQL here: ${NOT_HERE})`, () => {
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
    const programs = findPostgres();
    if (programs === null) throw new Error(NOT_HERE);
    const folder = makeTemporaryFolder();
    makeCluster(programs, folder.path, ['--no-sync']);
    const rights = join(folder.path, 'cluster', 'pg_hba.conf');
    // The first rule that fits counts.
    writeFileSync(rights, `host all ${GUARDED_ROLE} 127.0.0.1/32 scram-sha-256\n${readFileSync(rights, 'utf8')}`);
    if (tls) makeCertificate(folder.path);
    const secrecy = tls
      ? ['ssl=on', `ssl_cert_file=${folder.path}/tls.crt`, `ssl_key_file=${folder.path}/tls.key`]
      : [];
    const durability = durable ? [] : ['fsync=off', 'full_page_writes=off'];
    const size = ['shared_buffers=32MB', 'max_connections=120', 'max_wal_size=256MB', 'autovacuum_naptime=10s'];
    const server = new PostgresServer(programs, folder, [...durability, ...size, ...secrecy], await freePort());
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
    return urlOf(this.port, database);
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
    const { child, isUp, said } = await startServer(this.programs, this.folder.path, this.port, this.settings);
    if (!isUp) return said;
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
