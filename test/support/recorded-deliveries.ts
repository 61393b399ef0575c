import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Delivery } from '../../src/webhook/index.js';

/** A secret for tests. */
export const SECRET = 'a secret of the tests, long enough';

/** One delivery: its bytes as they are sent, its headers but for the signature, and what must come of it. */
export interface RecordedDelivery {
  readonly name: string;
  readonly sender: 'gitea' | 'forgejo' | 'gogs';
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly outcome: 'accepted' | 'ignored';
  /** For an accepted one. */
  readonly delivery?: Omit<Delivery, 'receivedAt'>;
}

const FOLDER = new URL('../fixtures/deliveries/', import.meta.url);

/** The deliveries of test/fixtures/deliveries, in the shapes that Gitea, Forgejo and Gogs send. */
export const recordedDeliveries: readonly RecordedDelivery[] = (
  JSON.parse(readFileSync(new URL('catalogue.json', FOLDER), 'utf8')) as (Omit<RecordedDelivery, 'bytes'> & {
    readonly body: string;
  })[]
).map(({ body, ...delivery }) => ({ ...delivery, bytes: readFileSync(new URL(body, FOLDER)) }));

/** The one with this name. */
export function recordedDelivery(name: string): RecordedDelivery {
  const found = recordedDeliveries.find((delivery) => delivery.name === name);
  if (found === undefined) throw new Error(`No recorded delivery is called ${name}`);
  return found;
}

/** The HMAC-SHA256 of the bytes, in hexadecimal digits. */
export function digestOf(bytes: Buffer | string, secret = SECRET): string {
  return createHmac('sha256', secret).update(bytes).digest('hex');
}

/** The signature headers as each server sends them. Gitea services/webhook/deliver.go and its kin. */
export function signatureHeaders(
  sender: RecordedDelivery['sender'],
  bytes: Buffer | string,
  secret = SECRET,
): Record<string, string> {
  const digest = digestOf(bytes, secret);
  if (sender === 'gogs') return { 'X-Gogs-Signature': digest };
  return {
    'X-Gitea-Signature': digest,
    'X-Gogs-Signature': digest,
    'X-Hub-Signature': `sha1=${createHmac('sha1', secret).update(bytes).digest('hex')}`,
    'X-Hub-Signature-256': `sha256=${digest}`,
    ...(sender === 'forgejo' ? { 'X-Forgejo-Signature': digest } : {}),
  };
}
