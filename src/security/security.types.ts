import type { IncomingMessage } from 'node:http';

/** A request as the byte reader and the guard leave it. */
export interface SignedRequest extends IncomingMessage {
  /** The body, byte for byte. Set on the guarded paths. */
  rawBody?: Buffer;
  /** The bytes that the signature covers. Set once it was found good, and never before. */
  signedPayload?: Buffer;
}

/** A request behind the SignatureGuard. */
export interface AuthenticRequest extends IncomingMessage {
  readonly rawBody: Buffer;
  readonly signedPayload: Buffer;
}

export const REFUSAL_CODES = ['SIGNATURE_REJECTED', 'BODY_TOO_LARGE', 'CONTENT_ENCODING_REFUSED'] as const;

/** A request that was turned away before anything looked into its body. */
export interface Refusal {
  readonly code: (typeof REFUSAL_CODES)[number];
  /** The HTTP status that was answered. */
  readonly status: 401 | 413 | 415;
  /** The sentence that was answered. The same for every request with this code, so that it teaches a forger nothing. */
  readonly message: string;
}
