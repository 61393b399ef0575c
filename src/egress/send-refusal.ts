import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers with a refusal and ends the connection, once what the caller still sends was thrown away. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body }: { readonly status: number; readonly contentType: string; readonly body: string },
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
  // A caller that is still writing reads the answer only after that.
  request.resume();
}
