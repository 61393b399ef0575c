import type { IssueMetadata, MetadataCache } from '../parser/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { readJson } from './json-column.js';

/** Keeps what texts were parsed to in the database, so that a restart asks the model for none of them again. */
export class SqlMetadataCache implements MetadataCache {
  constructor(private readonly database: CoordinatorDatabase) {}

  async get(key: string): Promise<IssueMetadata | undefined> {
    const row = await this.database.queries
      .selectFrom('parsed_texts')
      .select('metadata')
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    try {
      return readJson<IssueMetadata>(row.metadata, `parsed text ${key}`, 'metadata');
    } catch {
      // It can be parsed again, and is then replaced.
      return undefined;
    }
  }

  async put(key: string, metadata: IssueMetadata): Promise<void> {
    const text = JSON.stringify(metadata);
    const now = this.database.clock.now();
    await this.database.queries
      .insertInto('parsed_texts')
      .values({ key, metadata: text, created_at: now })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ metadata: text, created_at: now }))
      .execute();
  }
}
