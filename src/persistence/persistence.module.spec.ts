import { Test } from '@nestjs/testing';
import { Injectable, Module } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryWith } from '../../test/contracts/delivery-log.contract.js';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { FakeClock } from '../testing/index.js';
import { openDatabase, type CoordinatorDatabase } from './coordinator-database.js';
import { DATABASE, PersistenceModule } from './persistence.module.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlMetadataCache } from './sql-metadata-cache.js';
import { SqlRunStore } from './sql-run-store.js';

describe('PersistenceModule', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => folder.remove());

  it('gives each store to every module, on one database', async () => {
    @Injectable()
    class Consumer {
      constructor(
        readonly deliveries: SqlDeliveryLog,
        readonly jobs: SqlJobStore,
        readonly runs: SqlRunStore,
        readonly cache: SqlMetadataCache,
      ) {}
    }
    @Module({ providers: [Consumer] })
    class ConsumerModule {}
    const clock = new FakeClock();
    const app = await Test.createTestingModule({
      imports: [ConsumerModule, PersistenceModule.forRoot({ dataFolder: folder.path, clock })],
    }).compile();
    const { deliveries, jobs, runs, cache } = app.get(Consumer, { strict: false });

    expect(await deliveries.record(deliveryWith())).toBe('accepted');
    expect(await jobs.list({})).toEqual([]);
    expect(await runs.runs('acme/web#1')).toEqual([]);
    expect(await cache.get('key')).toBeUndefined();
    expect(app.get<CoordinatorDatabase>(DATABASE).clock).toBe(clock);

    await app.close();
  });

  it('closes the database in the last phase of shutdown, and gives the folder up', async () => {
    const seen: string[] = [];
    @Injectable()
    class Finisher {
      constructor(private readonly deliveries: SqlDeliveryLog) {}

      async beforeApplicationShutdown(): Promise<void> {
        seen.push(await this.deliveries.record(deliveryWith()));
      }
    }
    const app = await Test.createTestingModule({
      imports: [PersistenceModule.forRootAsync({ useFactory: () => Promise.resolve({ dataFolder: folder.path }) })],
      providers: [Finisher],
    }).compile();
    await app.init();

    await app.close();

    expect(seen).toEqual(['accepted']);
    const reopened = await openDatabase({ dataFolder: folder.path });
    expect(await new SqlDeliveryLog(reopened).unsettled(10)).toHaveLength(1);
    await reopened.close();
  });

  it('does not start on a folder that another has', async () => {
    const database = await openDatabase({ dataFolder: folder.path });
    const starting = Test.createTestingModule({
      imports: [PersistenceModule.forRoot({ dataFolder: folder.path })],
    }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'DATA_FOLDER_LOCKED' });
    await database.close();
  });
});
