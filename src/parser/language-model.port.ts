/** One turn of a conversation with a model. */
export interface ModelTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ModelRequest {
  /** The coordinator's own rules. Never holds text of an issue. */
  readonly system: string;
  /** Ends with a turn of the user. */
  readonly turns: readonly ModelTurn[];
  /** The JSON schema that the answer is to have. The caller checks the answer itself, ranges included. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A language model that answers in JSON. */
export interface LanguageModel {
  /** Which model it is. Part of the cache's key: another model is asked anew. */
  readonly name: string;
  /**
   * The text of a complete answer, which should be JSON. Calls may come at once, and may be repeated.
   *
   * @throws {LanguageModelError} if there is no complete answer
   */
  answer(request: ModelRequest): Promise<string>;
}
