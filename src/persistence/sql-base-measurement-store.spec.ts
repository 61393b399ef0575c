import { sql } from 'kysely';
import { afterEach, describe, expect, it } from '@jest/globals';
import { describeBaseMeasurementStore, makeMeasurement } from '../../test/contracts/base-measurement-store.contract.js';
import { openTestDatabase, withTestDatabase, type TestDatabase } from '../../test/support/test-database.js';
import { SqlBaseMeasurementStore } from './sql-base-measurement-store.js';

let opened: TestDatabase | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

describeBaseMeasurementStore('SqlBaseMeasurementStore', async () => {
  opened = await openTestDatabase();
  return new SqlBaseMeasurementStore(opened.database, 2);
});

describe('SqlBaseMeasurementStore', () => {
  it('knows nothing of a commit whose row is damaged, until it is put again', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlBaseMeasurementStore(database);
      await store.put('key', makeMeasurement());
      await sql`update base_measurements set measurement = '{'`.execute(database.queries);

      expect(await store.get('key')).toBeUndefined();
      await store.put('key', makeMeasurement());
      expect(await store.get('key')).toEqual(makeMeasurement());
    });
  });
});
