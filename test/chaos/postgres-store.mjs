import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { findPostgres, freePort, makeCluster, startServer, urlOf } from '../support/postgres-programs.mjs';

/** A killed server's children take a moment to go, and hold its memory until then. */
const ATTEMPTS = 60;
const PAUSE_MS = 100;
const NAME = 'coordinator';

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
    makeCluster(programs, place, ['--no-sync']);
    const store = new PostgresStore({ programs, place, Client, port: await freePort() });
    await store.restart();
    await store.query(`create database ${NAME}`, 'postgres');
    return store;
  }

  get environment() {
    return { DATABASE_URL: this.url(NAME) };
  }

  url(database) {
    return urlOf(this.port, database);
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
    const settings = ['shared_buffers=64MB', 'max_connections=100'];
    const { child, isUp, said } = await startServer(this.programs, this.place, this.port, settings);
    this.said = said;
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
