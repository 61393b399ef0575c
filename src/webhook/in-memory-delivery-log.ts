import type { DeliveryLog } from './delivery-log.port.js';
import type { Delivery } from './delivery.types.js';

/**
 * A DeliveryLog that lives as long as the process: for trying out and for tests. Remembers the ids of settled
 * deliveries up to a bound, then forgets the oldest.
 */
export class InMemoryDeliveryLog implements DeliveryLog {
  private readonly waiting = new Map<string, Delivery>();
  private readonly settled = new Set<string>();

  /** @param settledLimit how many settled ids are remembered, to know a duplicate by */
  constructor(private readonly settledLimit = 100_000) {}

  record(delivery: Delivery): Promise<'accepted' | 'duplicate'> {
    if (this.waiting.has(delivery.id) || this.settled.has(delivery.id)) return Promise.resolve('duplicate');
    this.waiting.set(delivery.id, delivery);
    return Promise.resolve('accepted');
  }

  unsettled(limit: number): Promise<readonly Delivery[]> {
    return Promise.resolve([...this.waiting.values()].slice(0, limit));
  }

  settle(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (!this.waiting.delete(id)) continue;
      this.settled.add(id);
      const [oldest] = this.settled;
      if (this.settled.size > this.settledLimit && oldest !== undefined) this.settled.delete(oldest);
    }
    return Promise.resolve();
  }
}
