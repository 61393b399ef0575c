import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';

/**
 * What nothing that is kept durably can be below: one row inserted, or one row updated, by the engine's own client with
 * nothing between, each committed for itself on the same database as what it stands beside.
 */
const TABLE = 'bare_rows';
const TABLE_COLUMNS = 'id text primary key, content text, writes integer not null';

export async function openBare({ dataFolder, databaseUrl }) {
  return databaseUrl === null ? openEmbedded(join(dataFolder, 'coordinator.db')) : openPostgres(databaseUrl);
}

function openEmbedded(file) {
  const database = new Database(file);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'busy_timeout = 5000']) database.pragma(pragma);
  database.exec(`create table if not exists ${TABLE} (${TABLE_COLUMNS})`);
  const insert = database.prepare(`insert into ${TABLE} values (?, ?, 0)`);
  const update = database.prepare(`update ${TABLE} set writes = writes + 1 where id = ?`);
  return {
    insert: async (id, content) => void insert.run(id, content),
    update: async (id) => void update.run(id),
    close: async () => void database.close(),
  };
}

async function openPostgres(databaseUrl) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  // Of several that start at once, one makes it.
  await pool.query(`create table if not exists ${TABLE} (${TABLE_COLUMNS})`).catch(() => undefined);
  return {
    insert: (id, content) =>
      pool.query({ name: 'i', text: `insert into ${TABLE} values ($1, $2, 0)`, values: [id, content] }),
    update: (id) =>
      pool.query({ name: 'u', text: `update ${TABLE} set writes = writes + 1 where id = $1`, values: [id] }),
    close: () => pool.end(),
  };
}

/** Milliseconds that an insert and an update of the row take, one after the other, by themselves. */
export async function timeBare(bare, rounds) {
  const durations = [];
  for (let round = 0; round < rounds; round += 1) {
    const id = `single-${process.pid}-${performance.now()}`;
    const began = performance.now();
    await bare.insert(id, 'x'.repeat(300));
    await bare.update(id);
    durations.push(performance.now() - began);
  }
  return durations;
}
