import { describeSpendLedger } from '../../test/contracts/spend-ledger.contract.js';
import { InMemorySpendLedger } from './index.js';

describeSpendLedger('InMemorySpendLedger', async () => ({
  ledger: new InMemorySpendLedger(),
  close: () => Promise.resolve(),
}));
