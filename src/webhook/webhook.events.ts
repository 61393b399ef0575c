import type { DomainEvent, IssueRef } from '../kernel/index.js';

/** A delivery was stored, or turned out to be known or of no interest. */
export interface DeliveryReceived extends DomainEvent {
  readonly type: 'webhook.delivery-received';
  readonly outcome: 'accepted' | 'duplicate' | 'ignored';
  readonly deliveryId: string;
  /** Null for an ignored delivery. */
  readonly issue: IssueRef | null;
}

/** A request was refused. */
export interface DeliveryRefused extends DomainEvent {
  readonly type: 'webhook.delivery-refused';
  /** The error code that was answered. */
  readonly code: string;
  readonly status: number;
}
