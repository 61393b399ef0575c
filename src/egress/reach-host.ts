import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressKind } from './address-kind.js';
import type { EgressOptions } from './egress.options.js';
import { matchesEntry, type HostAndPort, type HostEntry } from './host-entry.js';

/** Whether a host may be reached, and at which addresses. */
export type Reach =
  | { readonly kind: 'reachable'; readonly addresses: readonly string[] }
  /** `sentence` says why, to whoever asked. */
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'unknown'; readonly sentence: string };

/** How a host is asked for: plain HTTP is let through to a port that somebody listed. */
export type Approach = 'tunnel' | 'plain';

/**
 * Decides whether a host may be reached, and finds its addresses once. A connection must go to these: a second look-up
 * could answer something else (DNS rebinding).
 */
export async function reachHost(
  asked: HostAndPort,
  approach: Approach,
  options: Pick<EgressOptions, 'allowedHosts' | 'privateHosts' | 'resolveHost'>,
): Promise<Reach> {
  const { allowedHosts, privateHosts, resolveHost } = options;
  const isListed = (entry: HostEntry): boolean =>
    matchesEntry(entry, asked) && (approach === 'tunnel' || entry.isPortListed);
  const mayBePrivate = privateHosts.some(isListed);
  if (!mayBePrivate && !allowedHosts.some(isListed)) {
    return { kind: 'refused', sentence: refusalOf(asked, approach, [...allowedHosts, ...privateHosts]) };
  }
  const found = isIP(asked.host) === 0 ? await resolveOrNull(resolveHost, asked.host) : [asked.host];
  if (found === null) return { kind: 'unknown', sentence: `No address was found for ${asked.host}` };
  const own = ownAddresses();
  const addresses = found.filter((address) => {
    const kind = addressKind(address, own);
    return kind === 'public' || (kind === 'private' && mayBePrivate);
  });
  if (addresses.length > 0) return { kind: 'reachable', addresses };
  return { kind: 'refused', sentence: `${asked.host} leads to no public address, and private ones are refused` };
}

async function resolveOrNull(resolveHost: EgressOptions['resolveHost'], host: string) {
  try {
    return await resolveHost(host);
  } catch {
    return null;
  }
}

/** Asked each time: addresses come and go while the service runs. */
function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []));
}

function refusalOf({ host, port }: HostAndPort, approach: Approach, entries: readonly HostEntry[]): string {
  const names = entries.map((entry) => {
    const name = entry.host.includes(':') ? `[${entry.host}]` : entry.host;
    return `${entry.isWildcard ? '*.' : ''}${name}${entry.isPortListed ? `:${entry.port}` : ''}`;
  });
  const allowed = names.length === 0 ? 'No host is allowed' : `Allowed are: ${names.join(', ')}`;
  const what = approach === 'plain' ? `Plain HTTP to ${host}:${port}` : `${host}:${port}`;
  return `${what} may not be reached from this sandbox. ${allowed}`;
}
