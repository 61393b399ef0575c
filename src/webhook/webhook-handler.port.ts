import type { Delivery } from './delivery.types.js';

/** Who wants to know at once of an accepted delivery. A wake-up call: the delivery itself waits in the DeliveryLog. */
export interface WebhookHandler {
  /**
   * Called after the delivery was stored, before the sender is answered and without waiting for what it starts. Must
   * return quickly. A failure is logged and changes nothing else.
   */
  accepted(delivery: Delivery): void | Promise<void>;
}
