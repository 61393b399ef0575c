import { describe, expect, it } from '@jest/globals';
import { describeLeadership } from '../../test/contracts/leadership.contract.js';
import { openTestDatabase, withTestDatabase } from '../../test/support/test-database.js';
import { SqlLeadership } from './sql-leadership.js';
import { SqlReplicas } from './sql-replicas.js';

describeLeadership('SqlLeadership', async () => {
  const { database, clock, close } = await openTestDatabase();
  const replicas = new SqlReplicas(database);
  return { clock, for: async (holder) => new SqlLeadership(database, replicas, { holder, termMs: 6_000 }), close };
});

describe('SqlLeadership', () => {
  it('writes nothing while a whole term is left', async () => {
    await withTestDatabase(async ({ database, clock }) => {
      const leadership = new SqlLeadership(database, new SqlReplicas(database), { holder: 'one', termMs: 6_000 });
      const endOf = async (): Promise<number> =>
        (await database.queries.selectFrom('leases').select('ends_at').executeTakeFirstOrThrow()).ends_at;

      await leadership.hold();
      const first = await endOf();
      clock.advance(3_000);
      await leadership.hold();
      expect(await endOf()).toBe(first);
      clock.advance(1);
      await leadership.hold();
      expect(await endOf()).toBe(first + 3_001);
    });
  });
});
