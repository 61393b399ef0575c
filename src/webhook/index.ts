export { DELIVERY_LOG, type DeliveryLog } from './delivery-log.port.js';
export type { Delivery, IssueSnapshot } from './delivery.types.js';
export { isPullRequestKind } from './event-kind.js';
export { InMemoryDeliveryLog } from './in-memory-delivery-log.js';
export type { WebhookHandler } from './webhook-handler.port.js';
export { DeliveryLogUnavailableError, MalformedDeliveryError, type DeliveryProblem } from './webhook.errors.js';
export type { DeliveryReceived, DeliveryRefused } from './webhook.events.js';
export { WebhookModule } from './webhook.module.js';
export type { WebhookModuleOptions } from './webhook.options.js';
