import type { NetworkAccess } from './command-runner/index.js';
import type { AppConfig } from './config/index.js';
import { proxyEnvironment, type Egress } from './egress/index.js';

/** The way that commands of embedded agents and gates have to the hosts that are allowed; null where none is. */
export type HostsAccess = NetworkAccess | null;

export const HOSTS_ACCESS = Symbol('HOSTS_ACCESS');

/** Opens that way: one gate without a model, for all of them. */
export async function hostsAccess(
  egress: Egress,
  { egress: { allowedHosts, privateHosts }, certificates }: Pick<AppConfig, 'egress' | 'certificates'>,
): Promise<HostsAccess> {
  if (allowedHosts.length + privateHosts.length === 0) return null;
  const { socket } = await egress.open({ model: null });
  return { socket, environment: { ...certificates, ...proxyEnvironment() } };
}
