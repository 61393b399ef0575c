import { describeRunStore } from '../../test/contracts/run-store.contract.js';
import { openTestDatabase } from '../../test/support/test-database.js';
import { parseIssueRef } from '../kernel/index.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlRunStore } from './sql-run-store.js';

describeRunStore('SqlRunStore', async () => {
  const { database, clock, close } = await openTestDatabase();
  const jobs = new SqlJobStore(database);
  return {
    store: new SqlRunStore(database),
    clock,
    claim: async (jobId) => {
      const draft = { issue: parseIssueRef(jobId), title: '', profile: jobId, priority: 0, blockers: [], details: {} };
      await jobs.put(draft, 'Assigned');
      const limits = { global: 100, perRepository: 100, perProfile: {} };
      const job = await jobs.claim({ holder: 'test', leaseMs: 1_000, limits });
      return job?.id === jobId ? job.fencingToken : NaN;
    },
    release: async (jobId) => {
      await jobs.move({ jobId, from: 'running', to: 'available', reason: 'Released' });
    },
    close,
  };
});
