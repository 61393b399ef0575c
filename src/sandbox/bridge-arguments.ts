import { ConfinementRefusedError, type NetworkAccess } from '../command-runner/index.js';

/** What the bridge is started with. */
export interface BridgePlace {
  readonly node: string;
  /** The program, then what else it reads. */
  readonly bridgeFiles: readonly string[];
  /** The socket, as the bridge finds it. */
  readonly socket: string;
}

/**
 * The command that starts a program with a way to its network: `bridge` listens on an address of the loopback, leads
 * each connection to the socket, and tells the program the address in its environment.
 *
 * @throws {ConfinementRefusedError} if there is no bridge
 */
export function bridgeArguments(
  { node, bridgeFiles: [bridge], socket }: BridgePlace,
  { environment }: NetworkAccess,
  argv: readonly string[],
): readonly [string, ...string[]] {
  if (bridge === undefined) {
    throw new ConfinementRefusedError('The sandbox has no bridge that leads the program to its network');
  }
  const set = Object.entries(environment).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return [node, bridge, '--socket', socket, ...set, '--', ...argv];
}
