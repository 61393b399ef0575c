import { isIP } from 'node:net';

/** A host that may be reached, as somebody listed it. */
export interface HostEntry {
  /** In lower case and ASCII, without a dot at its end; an IPv6 address without brackets. */
  readonly host: string;
  /** True for `*.example.org`: every name below `host`, and not `host` itself. */
  readonly isWildcard: boolean;
  /** The only port. Plain HTTP is let through to a listed port alone. */
  readonly port: number;
  /** True where the entry names the port. */
  readonly isPortListed: boolean;
}

/** A host and port that were asked for. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;
// What a URL parser would read otherwise than it stands here is no host: users, paths, percent signs, spaces.
const ENTRY = /^(\*\.)?(\[[0-9a-f:.]+\]|[^\s[\]:/@?#\\%*]+)(?::(\d{1,5}))?$/iu;
const LABELS = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const LONGEST_NAME = 253;

/** Reads `host`, `host:port`, `*.host`, `*.host:port`, an IPv4 address or an IPv6 address in brackets; null where it is none of them. */
export function parseHostEntry(text: string): HostEntry | null {
  const [, wildcard, written = '', portText] = ENTRY.exec(text) ?? [];
  const host = normaliseHost(written);
  const port = portText === undefined ? HTTPS_PORT : Number(portText);
  if (host === null || port < 1 || port > 65_535) return null;
  if (wildcard !== undefined && isIP(host) !== 0) return null;
  return { host, isWildcard: wildcard !== undefined, port, isPortListed: portText !== undefined };
}

/** Reads the target of a CONNECT request, `host:port`; null where it is none. */
export function parseAuthority(text: string): HostAndPort | null {
  const entry = parseHostEntry(text);
  return entry === null || entry.isWildcard || !entry.isPortListed ? null : { host: entry.host, port: entry.port };
}

/** The one form of a name or address: lower case, punycode, dotted decimals, no dot at the end; null where it is no host. */
export function normaliseHost(written: string): string | null {
  const url = `http://${written}/`;
  if (written === '' || !URL.canParse(url)) return null;
  const { hostname } = new URL(url);
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  const host = hostname.replace(/\.$/, '');
  return host.length <= LONGEST_NAME && LABELS.test(host) ? host : null;
}

/** Whether an entry lets this host and port through. An address matches its own entry only. */
export function matchesEntry({ host, isWildcard, port }: HostEntry, asked: HostAndPort): boolean {
  if (port !== asked.port) return false;
  return isWildcard ? isIP(asked.host) === 0 && asked.host.endsWith(`.${host}`) : asked.host === host;
}
