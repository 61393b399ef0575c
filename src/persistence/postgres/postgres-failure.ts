import { DatabaseError } from 'pg';
import { messageOf } from '../../kernel/index.js';
import { CorruptRowError, DatabaseUnavailableError, UnstorableValueError } from '../persistence.errors.js';

/** What pg says where a server has no TLS; it has no code. */
const NO_TLS = 'The server does not support SSL connections';

/** Whether the connection is of no use any more: it broke, or the server does not answer on it, or it was told to go. */
export function isBroken(error: unknown): boolean {
  if (error instanceof UnstorableValueError || error instanceof CorruptRowError) return false;
  return !(error instanceof DatabaseError) || (error.severity !== 'ERROR' && error.severity !== undefined);
}

/**
 * A failure of pg as an error of this module. `engineCode` is PostgreSQL's own (postgresql.org/docs errcodes-appendix) or,
 * where there was no answer, that of Node, such as `ECONNREFUSED`.
 *
 * @param place names the server, without a password
 */
export function failureOf(error: unknown, place: string): Error {
  if (error instanceof UnstorableValueError || error instanceof CorruptRowError) return error;
  const said = reasonOf(error);
  const hint = said.includes(NO_TLS) ? '. Where its network is trusted, add sslmode=disable to the address' : '';
  return new DatabaseUnavailableError(`PostgreSQL at ${place} refused: ${said}${hint}`, codeOf(error), {
    cause: error,
  });
}

/**
 * What is said where nobody listens or a name is not known yet (Node's codes), and by a server that starts, stops or has no
 * connection left (PostgreSQL's).
 */
const AWAY = new Set(
  'ECONNREFUSED ECONNRESET EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ETIMEDOUT ENOENT 57P01 57P02 57P03 53300'.split(
    ' ',
  ),
);

/** Whether a server was not there, and may be there soon. */
export function isAway(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError && AWAY.has(error.engineCode ?? '');
}

function codeOf(error: unknown): string | null {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : null;
}

function reasonOf(error: unknown): string {
  // Of a name with several addresses, none of which answered, Node says nothing but a list.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}
