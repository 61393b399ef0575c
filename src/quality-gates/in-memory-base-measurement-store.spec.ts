import { describeBaseMeasurementStore } from '../../test/contracts/base-measurement-store.contract.js';
import { InMemoryBaseMeasurementStore } from './in-memory-base-measurement-store.js';

describeBaseMeasurementStore('InMemoryBaseMeasurementStore', async () => new InMemoryBaseMeasurementStore(2));
