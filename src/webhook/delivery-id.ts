import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const ID_HEADERS = ['x-gitea-delivery', 'x-forgejo-delivery', 'x-gogs-delivery', 'x-github-delivery'] as const;

/**
 * Printable ASCII without blanks: a header that was sent twice is joined by a comma and a blank. Not in the form of our
 * own digests, so that no sender can take the id of another's body.
 */
const ID = /^(?!sha256:)[\x21-\x7e]{1,128}$/;

/** What to know this delivery by: the sender's id, or where none is usable the digest of the signed bytes. */
export function deliveryId(headers: IncomingHttpHeaders, signedPayload: Buffer): string {
  for (const name of ID_HEADERS) {
    const id = headers[name];
    if (typeof id === 'string' && ID.test(id)) return id;
  }
  return `sha256:${createHash('sha256').update(signedPayload).digest('hex')}`;
}
