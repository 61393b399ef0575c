import { describe, expect, it } from '@jest/globals';
import { withTestDatabase } from '../../test/support/test-database.js';
import { parseIssueRef } from '../kernel/index.js';
import { ownIdentity } from './process-identity.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlReplicas } from './sql-replicas.js';

describe('SqlReplicas', () => {
  it('takes nobody for dead on an embedded database, whose leases end when it is opened', async () => {
    await withTestDatabase(async ({ database }) => {
      await new SqlReplicas(database, { ...ownIdentity(), pid: 4_194_303, startTime: '1' }).register('gone');
      const jobs = new SqlJobStore(database);
      const issue = parseIssueRef('acme/web#1');
      await jobs.put({ issue, title: '', profile: 'glm', priority: 0, blockers: [], details: {} }, 'Assigned');
      await jobs.claim({ holder: 'gone', leaseMs: 1_000, limits: { global: 1, perRepository: 1, perProfile: {} } });
      const replicas = new SqlReplicas(database);

      expect(await replicas.isDead('gone')).toBe(false);
      expect(await replicas.deadHolders()).toEqual([]);
    });
  });
});
