import { createHmac, randomUUID } from 'node:crypto';
import { request, type OutgoingHttpHeaders } from 'node:http';
import { messageOf } from '../../kernel/index.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FakeDelivery, FakeHook } from './fake-gitea.types.js';
import { eventOfType } from './hook-events.js';

const LOCAL = /^(?:localhost|127\.|\[::1\])/;

/** How deliveries are sent. */
export interface WebhookSenderOptions {
  readonly timeoutMs: number;
  /** Whether Forgejo's headers go along. */
  readonly isForgejo: boolean;
  /** *external*: not to addresses of this machine. */
  readonly allowedHosts: 'all' | 'external';
}

/**
 * Sends deliveries as Gitea does: once each, with a time limit, and never again. One after the other in the order
 * they happened, although Gitea promises no order: `hold` and `release` make any other.
 *
 * Bodies are what Gitea signs: the JSON text, also where it is sent as a form
 * (services/webhook/deliver.go `newDefaultRequest`).
 */
export class WebhookSender {
  /** Every delivery that was made, oldest first, sent or not. */
  readonly deliveries: FakeDelivery[] = [];
  private held: FakeDelivery[] | null = null;
  private readonly hooks = new Map<FakeDelivery, FakeHook>();
  private readonly stopping = new AbortController();
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly options: WebhookSenderOptions) {}

  /** Makes a delivery with a new id and queues it. Its outcome is written into it. */
  send(hook: FakeHook, eventType: string, body: string): FakeDelivery {
    const delivery: FakeDelivery = {
      id: randomUUID(),
      hookId: hook.id,
      event: eventOfType(eventType),
      eventType,
      body,
      status: null,
      failure: null,
    };
    this.deliveries.push(delivery);
    this.hooks.set(delivery, hook);
    if (this.held) this.held.push(delivery);
    else this.enqueue(delivery);
    return delivery;
  }

  /**
   * The button of the web page: the same bytes under a new id (models/webhook/hooktask.go `ReplayHookTask`).
   *
   * @throws {FakeGiteaError} if there is no such delivery
   */
  replay(deliveryId: string): FakeDelivery {
    const delivery = this.deliveries.find(({ id }) => id === deliveryId);
    const hook = delivery && this.hooks.get(delivery);
    if (!delivery || !hook) throw new FakeGiteaError(`There is no delivery ${deliveryId}`);
    return this.send(hook, delivery.eventType, delivery.body);
  }

  /** Keeps back what is made from here on, until `release`. */
  hold(): void {
    this.held ??= [];
  }

  /**
   * Sends what was held back, and stops holding. `choose` may leave out, repeat and reorder; a delivery that it
   * repeats is sent again under the same id.
   */
  release(choose: (held: readonly FakeDelivery[]) => readonly FakeDelivery[] = (held) => held): void {
    const held = this.held ?? [];
    this.held = null;
    for (const delivery of choose(held)) this.enqueue(delivery);
  }

  /** Resolves when everything queued was sent or has failed. */
  async idle(): Promise<void> {
    let awaited: Promise<void>;
    do {
      awaited = this.sending;
      await awaited;
    } while (awaited !== this.sending);
  }

  /** Ends what is under way and sends nothing more. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.idle();
  }

  private enqueue(delivery: FakeDelivery): void {
    this.sending = this.sending.then(() => this.attempt(delivery));
  }

  private async attempt(delivery: FakeDelivery): Promise<void> {
    const hook = this.hooks.get(delivery);
    if (!hook || this.stopping.signal.aborted) return;
    try {
      delivery.status = await this.post(hook, delivery);
    } catch (error) {
      delivery.failure = messageOf(error);
    }
  }

  private post(hook: FakeHook, delivery: FakeDelivery): Promise<number> {
    const { hostname, host } = new URL(hook.url);
    // Looked at when it is dialled, not when the hook is made (modules/hostmatcher/http.go).
    if (this.options.allowedHosts === 'external' && LOCAL.test(hostname)) {
      const deny = `deny '${hostname}(${host})'`;
      throw new FakeGiteaError(`webhook can only call allowed HTTP servers (check your ALLOWED_HOST_LIST), ${deny}`);
    }
    const isForm = hook.contentType === 'form';
    const body = isForm ? new URLSearchParams({ payload: delivery.body }).toString() : delivery.body;
    return new Promise((resolve, reject) => {
      const sent = request(
        hook.url,
        {
          method: 'POST',
          agent: false,
          headers: { ...this.headers(hook, delivery), 'Content-Length': Buffer.byteLength(body) },
          signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(this.options.timeoutMs)]),
        },
        (response) => {
          response.on('error', reject);
          response.on('end', () => resolve(Number(response.statusCode)));
          response.resume();
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /**
   * services/webhook/deliver.go `addDefaultHeaders`. Without a secret the headers are sent with empty digests.
   * Forgejo adds its own and lacks the installation target (its services/webhook/shared/payloader.go).
   */
  private headers(hook: FakeHook, delivery: FakeDelivery): OutgoingHttpHeaders {
    const digest = (algorithm: string): string =>
      hook.secret === '' ? '' : createHmac(algorithm, hook.secret).update(delivery.body).digest('hex');
    const sha256 = digest('sha256');
    const target = hook.repository ? 'repository' : 'system';
    const makers = this.options.isForgejo ? ['Forgejo', 'Gitea', 'Gogs'] : ['Gitea', 'Gogs'];
    const headers: OutgoingHttpHeaders = {
      'User-Agent': 'Go-http-client/1.1',
      'Content-Type': hook.contentType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
    };
    for (const maker of [...makers, 'GitHub']) {
      headers[`X-${maker}-Delivery`] = delivery.id;
      headers[`X-${maker}-Event`] = delivery.event;
      headers[`X-${maker}-Event-Type`] = delivery.eventType;
    }
    for (const maker of makers) headers[`X-${maker}-Signature`] = sha256;
    headers['X-Hub-Signature'] = `sha1=${digest('sha1')}`;
    headers['X-Hub-Signature-256'] = `sha256=${sha256}`;
    if (!this.options.isForgejo) {
      headers['X-Gitea-Hook-Installation-Target-Type'] = target;
      headers['X-GitHub-Hook-Installation-Target-Type'] = target;
    }
    if (hook.authorization !== '') headers['Authorization'] = hook.authorization;
    return headers;
  }
}
