import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { describe, expect, it } from '@jest/globals';
import { compileSource } from '../../test/support/compiled-source.js';
import { deliveryWith, describeDeliveryLog } from '../../test/contracts/delivery-log.contract.js';
import { startScript } from '../../test/support/script-process.js';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { openTestDatabase, withTestDatabase } from '../../test/support/test-database.js';
import { openDatabase, type CoordinatorDatabase } from './coordinator-database.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';

describeDeliveryLog('SqlDeliveryLog', async () => {
  const { database, close } = await openTestDatabase();
  return { log: new SqlDeliveryLog(database), close };
});

/** Lets the database grow by so many pages and no more, as a full disk would. */
async function limitGrowth({ queries }: CoordinatorDatabase, pages: number): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(queries);
  await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + pages)}`.execute(queries);
}

function bigDelivery(id: string) {
  const delivery = deliveryWith({ id });
  return { ...delivery, issue: { ...delivery.issue, body: 'x'.repeat(20_000) } };
}

const UNAVAILABLE = { code: 'DELIVERY_LOG_UNAVAILABLE' };

describe('SqlDeliveryLog', () => {
  it('loses nothing it has acknowledged when the process is killed', async () => {
    const folder = makeTemporaryFolder();
    const dataFolder = `${folder.path}/data`;
    compileSource(folder.path, ['kernel', 'security', 'webhook', 'queue', 'persistence']);
    const recorder = startScript(
      folder.path,
      `import { openDatabase } from './src/persistence/coordinator-database.js';
       import { SqlDeliveryLog } from './src/persistence/sql-delivery-log.js';
       import { writeSync } from 'node:fs';
       const log = new SqlDeliveryLog(await openDatabase({ dataFolder: ${JSON.stringify(dataFolder)} }));
       const delivery = ${JSON.stringify(deliveryWith())};
       for (let next = 0; ; next += 5) {
         const ids = [0, 1, 2, 3, 4].map((at) => 'delivery-' + (next + at));
         await Promise.all(ids.map(async (id) => {
           const outcome = await log.record({ ...delivery, id });
           writeSync(1, outcome + ' ' + id + '\\n');
         }));
       }`,
    );
    while (recorder.lines.length < 100) await recorder.nextLine();

    await recorder.kill();

    const acknowledged = recorder.lines
      .filter((line) => line.startsWith('accepted '))
      .map((line) => line.split(' ')[1]);
    const database = await openDatabase({ dataFolder });
    const stored = new Set((await new SqlDeliveryLog(database).unsettled(1_000_000)).map(({ id }) => id));
    await database.close();
    folder.remove();
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    expect(acknowledged.filter((id) => !stored.has(id ?? ''))).toEqual([]);
  }, 60_000);

  it('refuses deliveries on a full disk, keeps what it has, and goes on when there is room again', async () => {
    await withTestDatabase(async ({ database }) => {
      const log = new SqlDeliveryLog(database);
      await log.record(deliveryWith({ id: 'before' }));
      await limitGrowth(database, 2);

      await expect(log.record(bigDelivery('refused'))).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining('disk is full'),
        cause: { code: 'DATABASE_UNAVAILABLE', engineCode: 'SQLITE_FULL' },
      });
      await limitGrowth(database, 1_000);
      expect(await log.record(bigDelivery('refused'))).toBe('accepted');

      expect((await log.unsettled(10)).map(({ id }) => id)).toEqual(['before', 'refused']);
    });
  });

  it('takes those of a batch that fit when one of them does not', async () => {
    await withTestDatabase(async ({ database }) => {
      const log = new SqlDeliveryLog(database);
      await limitGrowth(database, 3);
      const all = [deliveryWith({ id: 'small-1' }), bigDelivery('big'), deliveryWith({ id: 'small-2' })];

      const outcomes = await Promise.allSettled(all.map((delivery) => log.record(delivery)));

      expect(outcomes).toMatchObject([
        { status: 'fulfilled', value: 'accepted' },
        { status: 'rejected', reason: UNAVAILABLE },
        { status: 'fulfilled', value: 'accepted' },
      ]);
    });
  });

  it('shares one commit among the deliveries of one moment', async () => {
    await withTestDatabase(async ({ database }) => {
      const log = new SqlDeliveryLog(database);
      // Each commit writes each page it changed to the write-ahead log, however often it changed it.
      const pagesWritten = async (ids: readonly string[]): Promise<number> => {
        await sql`pragma wal_checkpoint(truncate)`.execute(database.queries);
        await Promise.all(ids.map((id) => log.record(deliveryWith({ id }))));
        const { rows } = await sql<{ log: number }>`pragma wal_checkpoint(passive)`.execute(database.queries);
        return rows[0]?.log ?? NaN;
      };

      const byOne = await pagesWritten(['one']);
      const byFifty = await pagesWritten(Array.from({ length: 50 }, (_, at) => `delivery-${at}`));

      expect(byOne).toBeGreaterThan(0);
      expect(byFifty).toBeLessThan(byOne * 10);
    });
  });

  it('refuses everything once the database is closed', async () => {
    const { database, close } = await openTestDatabase();
    const log = new SqlDeliveryLog(database);
    await log.record(deliveryWith({ id: 'one' }));
    await close();

    await expect(log.record(deliveryWith({ id: 'two' }))).rejects.toMatchObject(UNAVAILABLE);
    await expect(log.record(deliveryWith({ id: 'one' }))).rejects.toMatchObject(UNAVAILABLE);
    await expect(log.unsettled(1)).rejects.toMatchObject(UNAVAILABLE);
    await expect(log.settle(['one'])).rejects.toMatchObject(UNAVAILABLE);
  });

  it('stores what is under way when the database is closed', async () => {
    const folder = makeTemporaryFolder();
    const database = await openDatabase({ dataFolder: folder.path });
    const log = new SqlDeliveryLog(database);
    const recorded = log.record(deliveryWith({ id: 'late' }));
    await new Promise(setImmediate);

    await database.close();

    expect(await recorded).toBe('accepted');
    const reopened = await openDatabase({ dataFolder: folder.path });
    expect(await new SqlDeliveryLog(reopened).unsettled(10)).toHaveLength(1);
    await reopened.close();
    folder.remove();
  });

  it('sets a damaged row aside and gives the others', async () => {
    Logger.overrideLogger(false);
    await withTestDatabase(async ({ database }) => {
      const log = new SqlDeliveryLog(database);
      for (const id of ['1', '2', '3']) await log.record(deliveryWith({ id }));
      await sql`pragma ignore_check_constraints = on`.execute(database.queries);
      await sql`update deliveries set issue = '{"ref":' where id = '1'`.execute(database.queries);

      expect((await log.unsettled(10)).map(({ id }) => id)).toEqual(['2', '3']);

      expect((await log.unsettled(1)).map(({ id }) => id)).toEqual(['2']);
      expect(await log.record(deliveryWith({ id: '1' }))).toBe('duplicate');
      const { fault } = await database.queries
        .selectFrom('deliveries')
        .select('fault')
        .where('id', '=', '1')
        .executeTakeFirstOrThrow();
      expect(fault).toContain('issue of delivery 1');
    });
  });

  it('stores a text with a NUL in it whole', async () => {
    await withTestDatabase(async ({ database }) => {
      const log = new SqlDeliveryLog(database);
      const delivery = deliveryWith({ sender: 'a\0b' });
      const hostile = { ...delivery, issue: { ...delivery.issue, title: 'a\0b' } };

      await log.record(hostile);

      expect(await log.unsettled(1)).toEqual([{ ...hostile, sender: 'a\uFFFDb' }]);
    });
  });
});
