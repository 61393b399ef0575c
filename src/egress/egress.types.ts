/** The model a session may call, and the key that is put into its calls. */
export interface ModelRoute {
  /** Which API the address speaks; it decides the paths that are let through and the header the key goes into. */
  readonly protocol: 'anthropic' | 'openai' | 'google';
  /** Address of the API, such as `https://api.anthropic.com`. */
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

/** What an opened gate lets through. */
export interface EgressGateSpec {
  /** Null: no model. */
  readonly model: ModelRoute | null;
  /** Told the tokens of each answer of the model, as soon as it is whole or cut off. Must not throw. */
  readonly onUse?: (use: ForwardedUse) => void;
  /** Told each refusal of the model's side: its status and what it said, cut short and without secrets. Must not throw. */
  readonly onModelFailure?: (failure: { readonly status: number; readonly detail: string }) => void;
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
  /** @throws {EgressError} if the socket cannot be made */
  open(spec: EgressGateSpec): Promise<EgressGate>;
}

export const EGRESS = Symbol('EGRESS');
