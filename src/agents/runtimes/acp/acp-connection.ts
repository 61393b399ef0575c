import type { ClientConnection, RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { messageOf } from '../../../kernel/index.js';
import { answerPermission } from './answer-permission.js';
import { OutputEndedError, messageStream, type MessageStreamGiven } from './message-stream.js';
import { isFields, wordsOf } from './read-update.js';

/** The agent answered a request with an error. */
export class AcpRequestError extends Error {
  constructor(
    /** JSON-RPC's number of it. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nobody answers any more. */
export class AcpGoneError extends Error {}

export interface AcpConnectionGiven extends MessageStreamGiven {
  /** Awaited before an agent is told that it may go on. Given what it asked. */
  readonly beforePermission: (asked: RequestPermissionRequest) => Promise<unknown>;
}

const LONGEST_MESSAGE = 300;

/** A conversation with one agent in the Agent Client Protocol, version 1. */
export class AcpConnection {
  private constructor(private readonly connection: ClientConnection) {}

  static async open(given: AcpConnectionGiven): Promise<AcpConnection> {
    // Loaded here, so that who drives no such agent does not hold the protocol's schemas in memory.
    const { RequestError, client } = await import('@agentclientprotocol/sdk');
    const app = client({ name: 'mosaic-coordinator' })
      .onRequest('session/request_permission', async ({ params }): Promise<RequestPermissionResponse> => {
        await given.beforePermission(params);
        return answerPermission(params);
      })
      .onRequest('*', ({ method }) => {
        throw RequestError.methodNotFound(method);
      })
      // A notification that nobody reads is no mistake.
      .onNotification('*', () => undefined);
    return new AcpConnection(app.connect(messageStream(given)));
  }

  /** Whether the agent ended the conversation, most likely because it ended itself. */
  get hasOutputEnded(): boolean {
    return this.connection.signal.reason instanceof OutputEndedError;
  }

  /** Why the conversation ended, in a sentence. */
  get closedBecause(): string {
    return messageOf(this.connection.signal.reason);
  }

  /**
   * Asks the agent.
   *
   * @throws {AcpRequestError} if it answers with an error
   * @throws {AcpGoneError} if it is gone before it answers
   */
  async request(method: string, params: object): Promise<unknown> {
    try {
      return await this.connection.agent.request<unknown, object>(method, params);
    } catch (error) {
      if (this.connection.signal.aborted) throw new AcpGoneError(this.closedBecause, { cause: error });
      const code = isFields(error) && typeof error['code'] === 'number' ? error['code'] : 0;
      throw new AcpRequestError(code, sentenceOf(error));
    }
  }

  /** Tells the agent; whether it hears is not known. */
  async notify(method: string, params: object): Promise<void> {
    await this.connection.agent.notify(method, params).catch(() => undefined);
  }

  close(why?: string): void {
    this.connection.close(why === undefined ? undefined : new AcpGoneError(why));
  }
}

/** What the agent said went wrong: many say "Internal error", and what it was beside it. */
function sentenceOf(error: unknown): string {
  const message = wordsOf(messageOf(error), LONGEST_MESSAGE) ?? 'no reason given';
  const rest = isFields(error) && isFields(error['data']) ? error['data'] : {};
  const details = wordsOf(rest['details'] ?? rest['message'], LONGEST_MESSAGE);
  return details === null ? message : `${message}: ${details}`;
}
