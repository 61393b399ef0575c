import { describeBaseMeasurementStore } from '../../../test/contracts/base-measurement-store.contract.js';
import { describeCalibrationStore } from '../../../test/contracts/calibration-store.contract.js';
import { describeDeliveryLog } from '../../../test/contracts/delivery-log.contract.js';
import { describeJobStoreModel } from '../../../test/contracts/job-store-model.contract.js';
import { describeJobStore } from '../../../test/contracts/job-store.contract.js';
import { describeMetadataCache } from '../../../test/contracts/metadata-cache.contract.js';
import { describeRunStore } from '../../../test/contracts/run-store.contract.js';
import { describeSpendLedger } from '../../../test/contracts/spend-ledger.contract.js';
import { afterEach } from '@jest/globals';
import { describePostgres } from '../../../test/support/postgres.js';
import { openTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { parseIssueRef } from '../../kernel/index.js';
import { SqlBaseMeasurementStore } from '../sql-base-measurement-store.js';
import { SqlCalibrationStore } from '../sql-calibration-store.js';
import { SqlDeliveryLog } from '../sql-delivery-log.js';
import { SqlJobStore } from '../sql-job-store.js';
import { SqlMetadataCache } from '../sql-metadata-cache.js';
import { SqlRunStore } from '../sql-run-store.js';
import { SqlSpendLedger } from '../sql-spend-ledger.js';

describePostgres('On PostgreSQL', (server) => {
  let opened: TestDatabase | undefined;

  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  async function open(): Promise<TestDatabase> {
    opened = await openTestDatabase(server());
    return opened;
  }

  async function makeJobStore() {
    const { database, clock, close } = await openTestDatabase(server());
    return { store: new SqlJobStore(database), clock, close };
  }

  describeJobStore('SqlJobStore', makeJobStore);
  describeJobStoreModel('SqlJobStore', makeJobStore, { sequences: 25 });

  describeRunStore('SqlRunStore', async () => {
    const { database, clock, close } = await openTestDatabase(server());
    const jobs = new SqlJobStore(database);
    return {
      store: new SqlRunStore(database),
      clock,
      claim: async (jobId) => {
        const issue = parseIssueRef(jobId);
        await jobs.put({ issue, title: '', profile: jobId, priority: 0, blockers: [], details: {} }, 'Assigned');
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

  describeDeliveryLog('SqlDeliveryLog', async () => {
    const { database, close } = await openTestDatabase(server());
    return { log: new SqlDeliveryLog(database), close };
  });

  describeSpendLedger('SqlSpendLedger', async () => {
    const { database, close } = await openTestDatabase(server());
    return { ledger: new SqlSpendLedger(database), close };
  });

  describeMetadataCache('SqlMetadataCache', async () => new SqlMetadataCache((await open()).database));
  describeCalibrationStore('SqlCalibrationStore', async () => new SqlCalibrationStore((await open()).database));
  describeBaseMeasurementStore(
    'SqlBaseMeasurementStore',
    async () => new SqlBaseMeasurementStore((await open()).database, 2),
  );
});
