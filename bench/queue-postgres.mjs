import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

import { freePort, makeCluster, startServer, urlOf } from '../test/support/postgres-programs.mjs';

/** A PostgreSQL of the benchmark's own with the settings it comes with: every commit waits for the disk. */
export class Postgres {
  created = 0;

  constructor(given) {
    Object.assign(this, given);
  }

  static async start(programs) {
    const folder = mkdtempSync(join(tmpdir(), 'mosaic-bench-postgres-'));
    makeCluster(programs, folder);
    const port = await freePort();
    // Eight replicas with all connections they may have.
    const settings = ['max_connections=200', 'fsync=on', 'synchronous_commit=on'];
    const { child, isUp, said } = await startServer(programs, folder, port, settings);
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
    return urlOf(this.port, database);
  }

  async close() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGQUIT');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
