import { inspect } from 'node:util';
import { UnstorableValueError } from './persistence.errors.js';

/**
 * What is handed to a driver for this value. libsql 0.5 ends the whole process when it is given a boolean, and makes null
 * of undefined, NaN and objects; pg makes JSON, arrays and dates of them.
 *
 * @throws {UnstorableValueError} if no column holds such a value
 */
export function bindable(value: unknown): string | number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  // libsql cuts a text at its first NUL when it reads it back, and PostgreSQL refuses it.
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD');
  throw new UnstorableValueError(`Expected a text, a finite number or null to store, got ${inspect(value)}`);
}
