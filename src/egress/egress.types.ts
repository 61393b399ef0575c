/** The model a session may call, and the key that is put into its calls. */
export interface ModelRoute {
  /** Which API the address speaks; it decides the paths that are let through and the header the key goes into. */
  readonly protocol: 'anthropic' | 'openai' | 'google';
  /**
   * Address of the API, as its own SDK takes it: `https://api.anthropic.com`, `https://api.openai.com/v1`,
   * `https://generativelanguage.googleapis.com`. It may have a path, such as that of a gateway.
   */
  readonly baseUrl: string;
  /** Null where the address needs none. Never leaves the coordinator but to that address. */
  readonly apiKey: string | null;
  /** The only model that may be asked for. */
  readonly model: string;
}

/** What went through, in tokens, of one answer. */
export interface ForwardedUse {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** A call of the model that failed on its side. */
export interface ForwardedFailure {
  /** Its status; 502 where its address did not answer as an API does, 504 where it did not answer in time. */
  readonly status: number;
  /** What it said, cut short and without secrets. */
  readonly detail: string;
  /** How long it asked to wait; null where it did not. */
  readonly retryAfterMs: number | null;
}

/** What an opened gate lets through. */
export interface EgressGateSpec {
  /** Null: no model. */
  readonly model: ModelRoute | null;
  /**
   * Told the tokens of each answer of the model that told any, once, as soon as it is whole or cut off. Must not throw.
   */
  readonly onUse?: (use: ForwardedUse) => void;
  /** Told each failure of the model's side. Must not throw. */
  readonly onModelFailure?: (failure: ForwardedFailure) => void;
  /** Told what was asked for and is not allowed, such as `CONNECT example.org:443`. Must not throw. */
  readonly onRefusal?: (what: string) => void;
}

/** One session's way out. */
export interface EgressGate {
  /** The Unix socket it listens on, absolute: an HTTP proxy (CONNECT and absolute addresses) and the model's API in one. */
  readonly socket: string;
  /** Stands in for the key inside the sandbox: the model is reached with this one only, and it opens nothing else. */
  readonly token: string;
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
}

/** Opens ways out of a sandbox. */
export interface Egress {
  /** @throws {EgressError} if the socket cannot be made, or the model's address or key is none */
  open(spec: EgressGateSpec): Promise<EgressGate>;
}

export const EGRESS = Symbol('EGRESS');
