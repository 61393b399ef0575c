import { BlockList, isIP } from 'node:net';

/**
 * What an address leads to: `public` the internet, `private` this machine and its networks, `forbidden` what no host
 * may lead to, such as the metadata of a cloud.
 */
export type AddressKind = 'public' | 'private' | 'forbidden';

type Subnet = readonly [network: string, prefix: number];

// One list per family: BlockList would find an IPv4 address in the ranges of IPv6, in its mapped form.
const PRIVATE = {
  // RFC 1918, RFC 6598 (carriers), loopback.
  ipv4: listOf(['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16]),
  // Loopback, RFC 4193.
  ipv6: listOf(['::1', 128], ['fc00::', 7]),
};

/** Of the special-purpose registries of IANA (RFC 6890), what neither the internet nor a private network is made of. */
const FORBIDDEN = {
  ipv4: listOf(
    ['0.0.0.0', 8],
    // Link-local: the metadata of clouds.
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    // Multicast, reserved, broadcast.
    ['224.0.0.0', 3],
  ),
  ipv6: listOf(
    // Teredo and 6to4 carry an IPv4 address, which could be any. Mapped, compatible and NAT64 ones lie outside 2000::/3.
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20],
    // The metadata of Amazon's cloud.
    ['fd00:ec2::254', 128],
  ),
};

/** The only part of IPv6 that is given out to the internet. */
const GLOBAL_UNICAST = listOf(['2000::', 3]);

/** @param own addresses of this machine: they lead to its services, whatever range they are from */
export function addressKind(address: string, own: ReadonlySet<string>): AddressKind {
  const family = isIP(address);
  // An address with a zone is one of this machine's links.
  if (family === 0 || address.includes('%')) return 'forbidden';
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (FORBIDDEN[type].check(address, type)) return 'forbidden';
  if (own.has(address) || PRIVATE[type].check(address, type)) return 'private';
  return family === 4 || GLOBAL_UNICAST.check(address, type) ? 'public' : 'forbidden';
}

function listOf(...subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, isIP(network) === 4 ? 'ipv4' : 'ipv6');
  return list;
}
