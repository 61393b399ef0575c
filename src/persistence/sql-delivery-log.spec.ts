import { describeDeliveryLog } from '../../test/contracts/delivery-log.contract.js';
import { openTestDatabase } from '../../test/support/test-database.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';

describeDeliveryLog('SqlDeliveryLog', async () => {
  const { database, close } = await openTestDatabase();
  return { log: new SqlDeliveryLog(database), close };
});
