import { afterEach, describe, expect, it } from '@jest/globals';
import { anEntry, describeSpendLedger } from '../../test/contracts/spend-ledger.contract.js';
import { openTestDatabase, withTestDatabase } from '../../test/support/test-database.js';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { openDatabase } from './coordinator-database.js';
import { SqlSpendLedger } from './sql-spend-ledger.js';

describeSpendLedger('SqlSpendLedger', async () => {
  const { database, close } = await openTestDatabase();
  return { ledger: new SqlSpendLedger(database), close };
});

describe('SqlSpendLedger', () => {
  let folder: TemporaryFolder | undefined;

  afterEach(() => folder?.remove());

  it('remembers after a restart', async () => {
    folder = makeTemporaryFolder();
    const before = await openDatabase({ dataFolder: folder.path });
    await new SqlSpendLedger(before).add([anEntry()]);
    await before.close();

    const after = await openDatabase({ dataFolder: folder.path });
    const total = await new SqlSpendLedger(after).ofRun('run-1');
    await after.close();

    expect(total).toEqual({ tokens: 4_330, costMicroUsd: 70, unpricedTokens: 0 });
  });

  it('keeps one row a run and day, however often it is added to', async () => {
    await withTestDatabase(async ({ database }) => {
      const ledger = new SqlSpendLedger(database);
      for (let call = 0; call < 5; call += 1) await ledger.add([anEntry(), anEntry()]);

      expect(await database.queries.selectFrom('spend').selectAll().execute()).toEqual([
        expect.objectContaining({ run_id: 'run-1', day: '2026-03-31', input_tokens: 100, cost_micro_usd: 700 }),
      ]);
    });
  });

  it('takes more entries at once than one statement holds', async () => {
    await withTestDatabase(async ({ database }) => {
      const ledger = new SqlSpendLedger(database);

      await ledger.add(Array.from({ length: 2_500 }, (_, run) => anEntry({ runId: `run-${run}` })));

      expect((await ledger.ofIssue('acme/web#1')).costMicroUsd).toBe(175_000);
    });
  });

  it('fails with the database’s own code', async () => {
    const { database, close } = await openTestDatabase();
    await close();

    await expect(new SqlSpendLedger(database).add([anEntry()])).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });
});
