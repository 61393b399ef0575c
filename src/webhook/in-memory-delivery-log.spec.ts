import { describe, expect, it } from '@jest/globals';
import { deliveryWith, describeDeliveryLog } from '../../test/contracts/delivery-log.contract.js';
import { InMemoryDeliveryLog } from './in-memory-delivery-log.js';

describeDeliveryLog('InMemoryDeliveryLog', () => ({ log: new InMemoryDeliveryLog() }));

describe('InMemoryDeliveryLog', () => {
  it('forgets the oldest settled ids beyond its bound, and none that waits', async () => {
    const log = new InMemoryDeliveryLog(2);
    for (const id of ['waits', 'a', 'b', 'c']) await log.record(deliveryWith({ id }));

    await log.settle(['a', 'b', 'c']);

    expect(await log.record(deliveryWith({ id: 'a' }))).toBe('accepted');
    expect(await log.record(deliveryWith({ id: 'b' }))).toBe('duplicate');
    expect(await log.record(deliveryWith({ id: 'waits' }))).toBe('duplicate');
  });
});
