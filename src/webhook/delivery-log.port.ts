import type { Delivery } from './delivery.types.js';

/**
 * Where accepted deliveries are kept. A delivery that was recorded waits here until what follows from it was done, so
 * that a crash between the two loses nothing.
 */
export interface DeliveryLog {
  /**
   * Stores a delivery durably: when it resolves, a power cut loses nothing. Two calls with one id, even at the same
   * time, store it once: one says `accepted`, every other `duplicate`.
   *
   * @throws {DeliveryLogUnavailableError} if it cannot be stored now
   */
  record(delivery: Delivery): Promise<'accepted' | 'duplicate'>;
  /**
   * Deliveries that wait for their effect, in the order in which they were recorded (clocks jump; `receivedAt` does not
   * decide). At most `limit`.
   */
  unsettled(limit: number): Promise<readonly Delivery[]>;
  /** Marks deliveries as done. An id that is unknown or done already changes nothing. */
  settle(ids: readonly string[]): Promise<void>;
}

export const DELIVERY_LOG = Symbol('DELIVERY_LOG');
