import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The length is checked before the comparison, because timingSafeEqual throws on buffers of different lengths. */
const SHA256_HEX = /^[0-9a-f]{64}$/i;

/**
 * The headers that carry an HMAC-SHA256, and what stands before the digest. Gitea services/webhook/deliver.go, Forgejo
 * services/webhook/shared/payloader.go, Gogs internal/database/webhook.go. `X-Hub-Signature` is SHA-1, and not read.
 */
const SIGNATURE_HEADERS = [
  { name: 'x-gitea-signature', prefix: '' },
  { name: 'x-forgejo-signature', prefix: '' },
  { name: 'x-gogs-signature', prefix: '' },
  { name: 'x-hub-signature-256', prefix: 'sha256=' },
] as const;

/**
 * The digests a request carries, one for each signature header that is present. Empty when there is none to trust: no
 * header at all, or one that is empty, malformed or sent twice. A header that is wrong is not made good by another.
 */
export function readDigests(headers: IncomingHttpHeaders): readonly Buffer[] {
  const digests: Buffer[] = [];
  for (const { name, prefix } of SIGNATURE_HEADERS) {
    const value = headers[name];
    if (value === undefined) continue;
    // Node joins a header that was sent twice by a comma, which is no hexadecimal digit.
    if (typeof value !== 'string' || !value.startsWith(prefix)) return [];
    const hex = value.slice(prefix.length);
    if (!SHA256_HEX.test(hex)) return [];
    digests.push(Buffer.from(hex, 'hex'));
  }
  return digests;
}

/**
 * Whether one of the secrets signed `payload` with every one of the digests. Takes the same time whichever secret it
 * was and wherever a digest differs. Without a digest or a secret the answer is no.
 */
export function isSigned(payload: Buffer, digests: readonly Buffer[], secrets: readonly string[]): boolean {
  let signed = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(payload).digest();
    let allEqual = digests.length > 0;
    for (const digest of digests) allEqual = timingSafeEqual(expected, digest) && allEqual;
    signed = allEqual || signed;
  }
  return signed;
}
