import { GiteaTooLargeError } from './gitea.errors.js';

/** How much of an answer that is too large is kept, in bytes: enough to tell what it begins with. */
const HEAD_BYTES = 4_000;

/**
 * The text of an answer's body.
 *
 * @param name of the request, for the message
 * @throws {GiteaTooLargeError} if it is larger than `most` bytes; no more than that is read of it
 */
export async function readBoundedText(
  name: string,
  body: AsyncIterable<Uint8Array> | null,
  most: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    chunks.push(chunk);
    if (size <= most) continue;
    const head = Buffer.concat(chunks, HEAD_BYTES).toString('utf8');
    throw new GiteaTooLargeError(`Gitea's answer to ${name} is larger than ${most} bytes`, head);
  }
  return Buffer.concat(chunks).toString('utf8');
}
