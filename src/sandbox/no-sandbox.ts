import {
  ConfinementRefusedError,
  type ConfinedProgram,
  type ConfinedStart,
  type Sandbox,
} from '../command-runner/index.js';
import { bridgeArguments } from './bridge-arguments.js';
import { findProgram } from './find-program.js';

/**
 * Confines nothing: a program reads and writes whatever the service may, and ends what it does not hide from the
 * coordinator. It only leads a program that is to have a network there, so that agents work as they do in a sandbox.
 */
export class NoSandbox implements Sandbox {
  /** @param bridgeFiles as in the options of the sandbox */
  constructor(private readonly bridgeFiles: readonly string[] = []) {}

  confine({ argv, cwd, env, confinement: { network } }: ConfinedProgram): ConfinedStart {
    if (network === undefined) return { argv, ...UNCONFINED, ownProcesses: 0 };
    const place = { node: process.execPath, bridgeFiles: this.bridgeFiles, socket: network.socket };
    const bridged = bridgeArguments(place, network, argv);
    // The bridge would end as a program that ends with an error does.
    if (findProgram(argv[0], env['PATH'], cwd) === null) {
      throw new ConfinementRefusedError(`The program ${argv[0]} is not installed or not in PATH`);
    }
    return { argv: bridged, ...UNCONFINED, ownProcesses: 1 };
  }
}

const UNCONFINED = { hasNamespace: false, limits: null } as const;
