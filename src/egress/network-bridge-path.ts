import { join } from 'node:path';

/**
 * The program that leads a sandboxed one to the socket of its gate: `node <path> --socket <socket> --set NAME={address}
 * -- program argument`. It runs inside the sandbox, and there needs the files of `networkBridgeFiles` and Node itself.
 */
export function networkBridgePath(): string {
  return join(import.meta.dirname, 'network-bridge.js');
}

/** Every file that the bridge reads: itself, its only import, and what tells Node that they are ES modules. */
export function networkBridgeFiles(): readonly string[] {
  return [
    networkBridgePath(),
    join(import.meta.dirname, 'run-network-bridge.js'),
    join(import.meta.dirname, '..', '..', 'package.json'),
  ];
}
