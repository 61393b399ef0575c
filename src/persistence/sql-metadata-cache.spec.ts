import { sql } from 'kysely';
import { afterEach, describe, expect, it } from '@jest/globals';
import { describeMetadataCache, makeMetadata } from '../../test/contracts/metadata-cache.contract.js';
import { openTestDatabase, withTestDatabase, type TestDatabase } from '../../test/support/test-database.js';
import { SqlMetadataCache } from './sql-metadata-cache.js';

let opened: TestDatabase | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

describeMetadataCache('SqlMetadataCache', async () => {
  opened = await openTestDatabase();
  return new SqlMetadataCache(opened.database);
});

describe('SqlMetadataCache', () => {
  it('knows nothing of a text whose row is damaged, until it is put again', async () => {
    await withTestDatabase(async ({ database }) => {
      const cache = new SqlMetadataCache(database);
      await cache.put('key', makeMetadata());
      await sql`pragma ignore_check_constraints = on`.execute(database.queries);
      await sql`update parsed_texts set metadata = '{'`.execute(database.queries);

      expect(await cache.get('key')).toBeUndefined();
      await cache.put('key', makeMetadata());
      expect(await cache.get('key')).toEqual(makeMetadata());
    });
  });
});
