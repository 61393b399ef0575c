import { types, type CustomTypesConfig } from 'pg';
import { CorruptRowError } from '../persistence.errors.js';

/** Types by their numbers in PostgreSQL's catalog (src/include/catalog/pg_type.dat). */
const INT8 = 20;
const JSON_TYPE = 114;
const NUMERIC = 1700;

/** How values are read, so that rows are the same as SQLite's: every number a number, JSON the text that was stored. */
export const POSTGRES_VALUES: CustomTypesConfig = {
  // Declared by pg for each type on its own; the answer is a reader of texts all the same.
  getTypeParser: ((type: number, format?: 'text' | 'binary'): unknown => {
    if (type === INT8 || type === NUMERIC) return toNumber;
    if (type === JSON_TYPE) return (text: string) => text;
    return types.getTypeParser(type, format as 'text');
  }) as CustomTypesConfig['getTypeParser'],
};

/** @throws {CorruptRowError} if a number cannot be held exactly */
function toNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new CorruptRowError(`A stored number is too large to be read: ${text}`);
}
