import { readFileSync } from 'node:fs';
import { messageOf } from '../../kernel/index.js';
import { InvalidPersistenceOptionsError } from '../persistence.errors.js';

/** The ways to protect a connection that an address may ask for by `sslmode`. Those of libpq that may end unencrypted are none. */
const TLS_MODES = ['disable', 'no-verify', 'require', 'verify-ca', 'verify-full'] as const;
type TlsMode = (typeof TLS_MODES)[number];

/** How a connection is protected: not at all, or as `tls.connect` takes it. */
export type PostgresTls =
  | false
  | {
      readonly rejectUnauthorized: boolean;
      /** Whom the certificate must be for. pg says so itself only where that is a name. */
      readonly host: string;
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
      readonly checkServerIdentity?: () => undefined;
    };

/** Where a database is, as `pg` takes it. Holds the password. */
export interface PostgresAddress {
  /** Without what is said of TLS. */
  readonly connectionString: string;
  readonly ssl: PostgresTls;
  /** Names the server in messages: host, port and database, no user and no password. */
  readonly place: string;
}

/**
 * Reads the address of a database, such as `postgres://user:password@host:5432/name?sslmode=verify-full`.
 *
 * Without `sslmode`, a server on this machine is spoken to in plain, and any other one as with `verify-full`: encrypted,
 * with a certificate of a known authority for its very name. `require` means the same, `verify-ca` does without the name,
 * `no-verify` takes any certificate. `sslrootcert` names a file of authorities, `sslcert` and `sslkey` files that identify
 * the coordinator. A socket is named by its folder: `postgres://user@/name?host=/run/postgresql`.
 *
 * @throws {InvalidPersistenceOptionsError} without the address in its message, which holds the password
 */
export function readPostgresAddress(text: string): PostgresAddress {
  const url = parseUrl(text);
  const take = (name: string): string | null => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    return value;
  };
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  const isLocal = host === '' || host.startsWith('/') || /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);
  const mode = tlsMode(take('sslmode'), isLocal);
  const files = { ca: take('sslrootcert'), cert: take('sslcert'), key: take('sslkey') };
  const port = url.searchParams.get('port') ?? (url.port || '5432');
  return {
    connectionString: url.href,
    ssl: mode === 'disable' ? false : tlsOptions(mode, host, files),
    place: `${host === '' ? 'localhost' : host}:${port}${decodeURIComponent(url.pathname)}`,
  };
}

function parseUrl(text: string): URL {
  const form = 'Expected databaseUrl to be like postgres://user:password@host:5432/name';
  let url: URL;
  try {
    // A user before no host, as of a socket, is no URL; the host stands among the parameters then.
    url = new URL(text.replace(/^(\w+:\/\/[^/?#]*@)(?=\/)/, '$1localhost'));
    decodeURIComponent(`${url.username}${url.password}${url.hostname}${url.pathname}`);
  } catch {
    // Not as the cause: the error of a URL holds it whole.
    throw new InvalidPersistenceOptionsError(`${form}. Write reserved characters in it as %40 for @, and so on`);
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw new InvalidPersistenceOptionsError(form);
  if (url.pathname.length < 2) throw new InvalidPersistenceOptionsError(`${form}: it names no database`);
  return url;
}

function tlsMode(given: string | null, isLocal: boolean): TlsMode {
  if (given === null) return isLocal ? 'disable' : 'verify-full';
  const mode = TLS_MODES.find((one) => one === given);
  if (mode === undefined) {
    throw new InvalidPersistenceOptionsError(
      `The sslmode of databaseUrl must be one of ${TLS_MODES.join(', ')}, got ${JSON.stringify(given)}`,
    );
  }
  return mode;
}

function tlsOptions(
  mode: Exclude<TlsMode, 'disable'>,
  host: string,
  files: Readonly<Record<'ca' | 'cert' | 'key', string | null>>,
): PostgresTls {
  return {
    rejectUnauthorized: mode !== 'no-verify',
    host,
    ...read('ca', files.ca),
    ...read('cert', files.cert),
    ...read('key', files.key),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

function read<Name extends string>(name: Name, file: string | null): { readonly [name in Name]?: string } {
  if (file === null) return {};
  try {
    return { [name]: readFileSync(file, 'utf8') } as { readonly [name in Name]?: string };
  } catch (error) {
    throw new InvalidPersistenceOptionsError(`A file that databaseUrl names cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
