import type { NetworkAccess } from '../command-runner/index.js';

/**
 * The command that starts a program with a way to its network: `bridge` listens on an address of the loopback, leads
 * each connection to the socket, and tells the program the address in its environment.
 */
export function bridgeArguments(
  { node, bridge, socket }: { readonly node: string; readonly bridge: string; readonly socket: string },
  { environment }: NetworkAccess,
  argv: readonly string[],
): readonly [string, ...string[]] {
  const set = Object.entries(environment).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return [node, bridge, '--socket', socket, ...set, '--', ...argv];
}
