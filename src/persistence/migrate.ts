import { sql, type Kysely } from 'kysely';
import { messageOf } from '../kernel/index.js';
import type { ColumnTypes } from './column-types.js';
import type { Migration } from './migrations/migration.js';
import { MigrationFailedError, SchemaTooNewError } from './persistence.errors.js';
import type { Tables } from './schema.js';

/**
 * Brings the schema forward, each step in a transaction of its own that also records it.
 *
 * @param now milliseconds since 1970
 * @throws {MigrationFailedError} if a step fails; those before it stay
 */
export async function migrate(
  database: Kysely<Tables>,
  migrations: readonly Migration[],
  types: ColumnTypes,
  now: number,
): Promise<void> {
  const { whole, text, moment } = types;
  await sql
    .raw(
      `create table if not exists schema_migrations (
        version ${whole} not null primary key, name ${text} not null, applied_at ${moment} not null
      )`,
    )
    .execute(database);
  const version = await readSchemaVersion(database, types);
  for (const migration of migrations) {
    if (migration.version > version) await apply(database, migration, types, now);
  }
}

/**
 * Looks at the schema before anything is written.
 *
 * @throws {SchemaTooNewError} if the schema is newer than the last of the migrations
 */
export async function assertSchemaIsKnown(
  database: Kysely<Tables>,
  migrations: readonly Migration[],
  types: ColumnTypes,
): Promise<void> {
  const found = await readSchemaVersion(database, types);
  const known = migrations.at(-1)?.version ?? 0;
  if (found <= known) return;
  throw new SchemaTooNewError(
    `The database has schema ${found}, and this program knows up to ${known}: a newer version has used it. ` +
      'Start that version, or use another database; nothing was changed',
  );
}

/** 0 for an empty database. */
async function readSchemaVersion(database: Kysely<Tables>, types: ColumnTypes): Promise<number> {
  const { rows } = await sql.raw<{ found: number }>(types.lookFor('schema_migrations')).execute(database);
  if (rows[0]?.found !== 1) return 0;
  const row = await database
    .selectFrom('schema_migrations')
    .select((table) => table.fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

async function apply(
  database: Kysely<Tables>,
  { version, name, statements }: Migration,
  types: ColumnTypes,
  now: number,
): Promise<void> {
  try {
    await database.transaction().execute(async (transaction) => {
      for (const statement of statements(types)) await sql.raw(statement).execute(transaction);
      await transaction.insertInto('schema_migrations').values({ version, name, applied_at: now }).execute();
    });
  } catch (error) {
    throw new MigrationFailedError(
      `The step to schema ${version} (${name}) failed and was undone: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
