import { GiteaAnswerError } from './gitea.errors.js';

/** An object of an answer, of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The list of an answer. Gitea writes an empty list as `[]` or as `null`. */
export function readList<T>(answer: unknown, read: (entry: unknown) => T): T[] {
  if (answer === null || answer === undefined) return [];
  if (!Array.isArray(answer))
    throw new GiteaAnswerError('Gitea answered with something else where a list was expected');
  return answer.map((entry: unknown) => read(entry));
}

/**
 * An answer that must be an object.
 *
 * @throws {GiteaAnswerError} if it is not
 */
export function fieldsOf(answer: unknown, what: string): Fields {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer as Fields;
  throw new GiteaAnswerError(`Gitea answered with something else where ${what} was expected`);
}

/**
 * A whole number that must be there.
 *
 * @throws {GiteaAnswerError} if it is not
 */
export function integer(fields: Fields, name: string, what: string): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GiteaAnswerError(`Gitea answered with ${what} without ${name}`);
}

/**
 * A whole number above 0 that must be there.
 *
 * @throws {GiteaAnswerError} if it is not
 */
export function positive(fields: Fields, name: string, what: string): number {
  const value = integer(fields, name, what);
  if (value > 0) return value;
  throw new GiteaAnswerError(`Gitea answered with ${what} whose ${name} is ${value}`);
}

/**
 * A text that must be there and not be empty.
 *
 * @throws {GiteaAnswerError} if it is not
 */
export function requiredText(fields: Fields, name: string, what: string): string {
  const value = optionalText(fields, name);
  if (value !== '') return value;
  throw new GiteaAnswerError(`Gitea answered with ${what} without ${name}`);
}

/** A text, empty where there is none. */
export function optionalText(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** What is yes or no, and no where nothing is said. */
export function optionalFlag(fields: Fields, name: string): boolean {
  return fields[name] === true;
}

/** A moment, in milliseconds since 1970; null where there is none. Go's zero time is the year 1. */
export function optionalMoment(fields: Fields, name: string): number | null {
  const moment = Date.parse(optionalText(fields, name));
  return moment > 0 ? moment : null;
}
