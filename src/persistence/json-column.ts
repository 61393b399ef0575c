import { messageOf } from '../kernel/index.js';
import { CorruptRowError } from './persistence.errors.js';

/**
 * Reads a JSON column. What is in it was checked before it was written.
 *
 * @param row names the row in the message, such as `job acme/web#1`
 * @throws {CorruptRowError} if it is no JSON
 */
export function readJson<T>(text: string, row: string, column: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CorruptRowError(`The stored ${column} of ${row} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
