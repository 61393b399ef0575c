import { describeJobStore } from '../../test/contracts/job-store.contract.js';
import { openTestDatabase } from '../../test/support/test-database.js';
import { SqlJobStore } from './sql-job-store.js';

describeJobStore('SqlJobStore', async () => {
  const { database, clock, close } = await openTestDatabase();
  return { store: new SqlJobStore(database), clock, close };
});
