import { Inject, Injectable, Logger } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { formatIssueRef, type IssueRef } from '../kernel/index.js';
import { deliveryId } from './delivery-id.js';
import type { Delivery } from './delivery.types.js';
import { eventKind, subjectOf } from './event-kind.js';
import { isAboutPullRequest, readIssueEvent } from './issue-event.js';
import { ownProperty } from './own-property.js';
import { parseJson } from './parse-json.js';
import { toDelivery } from './to-delivery.js';
import { DeliveryLogUnavailableError, MalformedDeliveryError } from './webhook.errors.js';
import type { DeliveryReceived } from './webhook.events.js';
import { WEBHOOK_OPTIONS, type WebhookOptions } from './webhook.options.js';

/** What the sender of a delivery is told. */
export interface Receipt {
  readonly status: DeliveryReceived['outcome'];
  /** The id by which the delivery is known. */
  readonly delivery: string;
}

/**
 * Decides what becomes of an authentic delivery: refused, ignored, or stored and announced.
 *
 * It works on the signed bytes and knows nothing of HTTP but the headers. What follows from a delivery happens
 * elsewhere, after the sender was answered: Gitea waits five seconds and never sends again.
 */
@Injectable()
export class WebhookService {
  private readonly logger = new Logger('Webhook');
  private isLogDown = false;

  constructor(@Inject(WEBHOOK_OPTIONS) private readonly options: WebhookOptions) {}

  /**
   * When it resolves with `accepted` or `duplicate`, the delivery is stored durably.
   *
   * @throws {MalformedDeliveryError} if the payload is not JSON, or not an event about an issue or a pull request
   * @throws {DeliveryLogUnavailableError} if the delivery cannot be stored now
   */
  async receive(headers: IncomingHttpHeaders, signedPayload: Buffer): Promise<Receipt> {
    const id = deliveryId(headers, signedPayload);
    const body = parseJson(signedPayload);
    const action = ownProperty(body, 'action');
    const event = eventKind(headers, action);
    if (event.interest === 'unknown') {
      throw new MalformedDeliveryError([{ field: 'X-Gitea-Event', problem: 'must name the event' }]);
    }
    const isMistaken = event.interest === 'issue' && isAboutPullRequest(body);
    if (event.interest === 'none' || isMistaken) {
      this.logger.debug('Delivery ignored', { delivery: id, kind: shown(event.kind), action: shown(action) });
      return this.receipt('ignored', id, null);
    }

    const { kind } = event;
    const delivery = toDelivery(readIssueEvent(body, subjectOf(kind)), {
      id,
      kind,
      receivedAt: this.options.clock.now(),
    });
    const outcome = await this.record(delivery);
    const { ref } = delivery.issue;
    this.logger.log(outcome === 'accepted' ? 'Delivery accepted' : 'Delivery known already', {
      delivery: id,
      issue: formatIssueRef(ref),
      kind,
      action: delivery.action,
    });
    const receipt = this.receipt(outcome, id, ref);
    if (outcome === 'accepted') this.handOver(delivery);
    return receipt;
  }

  private async record(delivery: Delivery): Promise<'accepted' | 'duplicate'> {
    try {
      const outcome = await this.options.deliveryLog.record(delivery);
      if (this.isLogDown) this.logger.log('The delivery log takes deliveries again');
      this.isLogDown = false;
      return outcome;
    } catch (error) {
      // Said once: while a disk is full, a line for each delivery would not help it.
      if (!this.isLogDown) this.logger.error('The delivery log takes no deliveries: senders are answered 503', error);
      this.isLogDown = true;
      throw new DeliveryLogUnavailableError('Deliveries cannot be stored now: send it again later.', { cause: error });
    }
  }

  private receipt(outcome: DeliveryReceived['outcome'], id: string, issue: IssueRef | null): Receipt {
    const event: DeliveryReceived = { type: 'webhook.delivery-received', outcome, deliveryId: id, issue };
    this.options.eventBus.publish(event);
    return { status: outcome, delivery: id };
  }

  /** The delivery is stored, so nothing that fails from here on may change the answer. */
  private handOver(delivery: Delivery): void {
    const onFailure = (error: unknown): void => {
      this.logger.error('The handler of an accepted delivery failed', error, { delivery: delivery.id });
    };
    try {
      const started: unknown = this.options.handler.accepted(delivery);
      if (started instanceof Promise) started.catch(onFailure);
    } catch (error) {
      onFailure(error);
    }
  }
}

/** A text from outside, fit for a log line. */
function shown(text: unknown): string {
  return typeof text === 'string' ? text.slice(0, 64).replace(/[^\x20-\x7e]/g, '?') : '';
}
