import type { ServerResponse } from 'node:http';
import type { SecurityOptions } from './security.options.js';
import type { Refusal, SignedRequest } from './security.types.js';

/** How long, and for how many bytes, a refused sender is listened to before its connection is cut. */
const DRAIN_MS = 2_000;
const DRAIN_BYTES = 16_000_000;

type Reader = (request: SignedRequest, response: ServerResponse, next: () => void) => void;

/**
 * Reads the body of a POST to a guarded path as bytes, before any parser sees it, and sets `request.rawBody`.
 *
 * Answers by itself, in the same way in every host: 415 to a body that is encoded (the digest is over the plain bytes,
 * and inflating unsigned input is a way to exhaust memory), 413 to one over the limit, as soon as that is known. A
 * request whose sender goes away is forgotten.
 */
export function rawBodyReader(options: SecurityOptions): Reader {
  const paths = new RegExp(`/(?:${options.paths.map(escapeDots).join('|')})/?$`, 'i');

  return (request, response, next) => {
    if (request.method !== 'POST' || !paths.test(pathOf(request.url))) return next();
    // Read already: by this module mounted twice, or by a parser of the host (then there is no rawBody, and the guard
    // refuses). Waiting for its end would hang.
    if (request.rawBody !== undefined || request.readableEnded) return next();

    const refuse = (refusal: Refusal): void => {
      options.onRefused(refusal);
      answerAndClose(request, response, refusal, options);
    };
    if (isEncoded(request)) return refuse(ENCODED);
    if (Number(request.headers['content-length'] ?? 0) > options.bodyLimitBytes) return refuse(TOO_LARGE);

    readBody(request, options.bodyLimitBytes, next, () => refuse(TOO_LARGE));
  };
}

const ENCODED: Refusal = {
  code: 'CONTENT_ENCODING_REFUSED',
  status: 415,
  message: 'The body is encoded: send it without a Content-Encoding.',
};

const TOO_LARGE: Refusal = {
  code: 'BODY_TOO_LARGE',
  status: 413,
  message: 'The body is longer than this service accepts.',
};

function pathOf(url = ''): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function escapeDots(path: string): string {
  return path.replaceAll('.', '\\.');
}

function isEncoded({ headers }: SignedRequest): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}

function readBody(request: SignedRequest, limit: number, done: () => void, tooLarge: () => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > limit) {
      stop();
      return tooLarge();
    }
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    stop();
    const [first] = chunks;
    // Most deliveries come in one chunk, which is then used as it is.
    request.rawBody = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, length);
    done();
  };
  const stop = (): void => void request.off('data', onData).off('end', onEnd).off('close', stop);
  // Stays to the end of the request: an error without a listener would end the process. It says that the sender went.
  request.on('error', () => undefined);
  request.on('data', onData).on('end', onEnd).on('close', stop);
}

/**
 * Sends the refusal at once and goes on reading for a while, so that a sender who is still sending gets to read it:
 * closing a socket with unread bytes resets it, and the answer with it.
 */
function answerAndClose(
  request: SignedRequest,
  response: ServerResponse,
  { code, status, message }: Refusal,
  { clock }: SecurityOptions,
): void {
  const answer = Buffer.from(JSON.stringify({ error: code, message }));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': answer.length,
    Connection: 'close',
  });
  response.write(answer);

  const draining = new AbortController();
  let drained = 0;
  const finish = (): void => draining.abort();
  request.on('error', () => undefined);
  request.on('end', finish).on('close', finish);
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > DRAIN_BYTES) finish();
  });
  request.resume();
  void clock.sleep(DRAIN_MS, draining.signal).then(() => response.end());
}
