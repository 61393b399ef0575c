import type { Readable, Writable } from 'node:stream';
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import { messageLines } from './message-lines.js';
import { isFields, type Fields } from './read-update.js';

/** An agent closed its output, as it does when it ends. */
export class OutputEndedError extends Error {
  constructor() {
    super('It closed its output');
  }
}

/** The two ends of an agent, and who is told its updates. */
export interface MessageStreamGiven {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The longest message that is read, in bytes. */
  readonly messageBytes: number;
  /** Told the parameters of each `session/update`, before any message that came after it is answered. */
  readonly onUpdate: (params: unknown) => void;
}

/**
 * The messages of an agent, for the SDK's connection. Lets through what is a message of JSON-RPC and passes over the
 * rest, as many programs print a line where they should not; an answer to nothing that was asked is passed over too.
 *
 * Updates of sessions do not get to the SDK: it refuses those of a later version of the protocol, and logs each.
 */
export function messageStream({ stdin, stdout, messageBytes, onUpdate }: MessageStreamGiven): Stream {
  const asked = new Set<unknown>();
  const lines = messageLines(stdout, messageBytes);
  const readable = new ReadableStream<AnyMessage>({
    async pull(controller) {
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done === true) return controller.error(new OutputEndedError());
        const message = readMessage(line);
        if (message === null) continue;
        if (message['method'] === 'session/update' && !('id' in message)) {
          onUpdate(message['params']);
          continue;
        }
        if (!('method' in message) && !asked.delete(message['id'])) continue;
        return controller.enqueue(message as unknown as AnyMessage);
      }
    },
    async cancel() {
      stdout.destroy();
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write: (message) => {
      if ('method' in message && 'id' in message) asked.add(message.id);
      return new Promise((resolve, reject) => {
        stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
      });
    },
  });
  return { readable, writable };
}

/** A request, a notification or an answer; null for anything else. */
export function readMessage(line: string): Fields | null {
  const message = parsed(line);
  if (!isFields(message) || message['jsonrpc'] !== '2.0') return null;
  const { id } = message;
  const isId = id === null || typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
  if ('id' in message && !isId) return null;
  if ('method' in message) return typeof message['method'] === 'string' ? message : null;
  return 'id' in message && ('result' in message || 'error' in message) ? message : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
