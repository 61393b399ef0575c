/**
 * An error with a code for programs and a sentence for people. Every error this package throws on purpose is one.
 *
 * The message names what is wrong and what to do. It never holds a secret.
 */
export abstract class CodedError<Code extends string = string> extends Error {
  abstract readonly code: Code;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The sentence of whatever was thrown, for a log line or a reason. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
