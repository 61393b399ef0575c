import { InProcessEventBus, SystemClock, type Clock, type EventBus } from '../kernel/index.js';
import type { SecurityModuleOptions } from '../security/index.js';
import type { DeliveryLog } from './delivery-log.port.js';
import { InMemoryDeliveryLog } from './in-memory-delivery-log.js';
import type { WebhookHandler } from './webhook-handler.port.js';

/** What `WebhookModule.forRoot` accepts. */
export interface WebhookModuleOptions {
  /** Who is let in, and with how long a body. */
  readonly security: Pick<SecurityModuleOptions, 'secrets' | 'bodyLimitBytes'>;
  /**
   * Where accepted deliveries are kept.
   * @default in memory, until the process ends
   */
  readonly deliveryLog?: DeliveryLog;
  /**
   * Who is told of each accepted delivery.
   * @default nobody
   */
  readonly handler?: WebhookHandler;
  /**
   * Where `webhook.delivery-received` and `webhook.delivery-refused` are announced.
   * @default a bus of this module alone
   */
  readonly eventBus?: EventBus;
  /**
   * Dates deliveries.
   * @default the machine's clock
   */
  readonly clock?: Clock;
}

/** The options with every default filled in. Only this type is injected. */
export type WebhookOptions = Required<WebhookModuleOptions>;

export const WEBHOOK_OPTIONS = Symbol('WEBHOOK_OPTIONS');

/** Secrets and limit are checked by the security module, which receives them. */
export function resolveWebhookOptions(given: WebhookModuleOptions): WebhookOptions {
  return {
    deliveryLog: new InMemoryDeliveryLog(),
    handler: { accepted: () => undefined },
    eventBus: new InProcessEventBus(),
    clock: new SystemClock(),
    ...given,
  };
}
