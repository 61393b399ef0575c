import { describeJobStore } from '../../test/contracts/job-store.contract.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryJobStore } from './in-memory-job-store.js';

describeJobStore('InMemoryJobStore', async () => {
  const clock = new FakeClock();
  return { store: new InMemoryJobStore(clock), clock, close: async () => undefined };
});
