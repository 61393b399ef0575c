import { describe, expect, it } from '@jest/globals';
import { withTestDatabase } from '../../test/support/test-database.js';
import { ownIdentity } from './process-identity.js';
import { SqlReplicas } from './sql-replicas.js';

describe('SqlReplicas', () => {
  it('takes nobody for dead on an embedded database, whose leases end when it is opened', async () => {
    await withTestDatabase(async ({ database }) => {
      await new SqlReplicas(database, { ...ownIdentity(), pid: 4_194_303, startTime: '1' }).register('gone');
      const replicas = new SqlReplicas(database);

      expect(await replicas.isDead('gone')).toBe(false);
      expect(await replicas.deadHolders()).toEqual([]);
    });
  });
});
