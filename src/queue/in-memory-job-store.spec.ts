import { describeJobStoreModel } from '../../test/contracts/job-store-model.contract.js';
import { describeJobStore } from '../../test/contracts/job-store.contract.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryJobStore } from './in-memory-job-store.js';

async function make() {
  const clock = new FakeClock();
  return { store: new InMemoryJobStore(clock), clock, close: async () => undefined };
}

describeJobStore('InMemoryJobStore', make);
describeJobStoreModel('InMemoryJobStore', make);
