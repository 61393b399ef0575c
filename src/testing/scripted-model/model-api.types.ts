import type { IncomingHttpHeaders } from 'node:http';
import type { ModelConversation } from './model-conversation.js';
import type { FailureReply, MessageReply } from './model-reply.js';

/** One request, as it came. */
export interface ApiRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined where the body was none. */
  readonly body: unknown;
}

/** A failure in the form of an API. */
export interface WireFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * One API by which the scripted model is reached. It turns requests into conversations and answers into what its
 * clients read, so that the same rules hold behind every API.
 */
export interface ModelApi {
  /** What a path asks for; null where it is none of this API's. */
  operationOf(path: string): 'answer' | 'count' | null;
  keyOf(request: ApiRequest): string | undefined;
  /** What it says to a request without the right key. */
  readonly wrongKey: FailureReply;
  /** What the real API would refuse about a request, in its words; null when nothing. */
  findFault(request: ApiRequest): string | null;
  /** Reads a request that `findFault` found nothing wrong with. */
  read(request: ApiRequest): ModelConversation;
  /** An answer at once. @param id unique among the server's answers */
  bodyOf(reply: MessageReply, conversation: ModelConversation, id: string): unknown;
  /** An answer as the frames of a stream. What comes before the content is the first frame. */
  framesOf(reply: MessageReply, conversation: ModelConversation, id: string): readonly string[];
  failureOf(failure: FailureReply): WireFailure;
  /** A failure after the status of success. */
  failureFramesOf(failure: FailureReply, conversation: ModelConversation, id: string): readonly string[];
  countBodyOf(tokens: number): unknown;
}
