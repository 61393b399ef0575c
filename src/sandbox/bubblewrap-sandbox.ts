import { realpathSync } from 'node:fs';
import type { OnApplicationShutdown } from '@nestjs/common';
import {
  ConfinementRefusedError,
  wardenArguments,
  type ConfinedProgram,
  type ConfinedStart,
  type NetworkAccess,
  type Sandbox,
} from '../command-runner/index.js';
import { accessiblePaths } from './accessible-paths.js';
import { bridgeArguments } from './bridge-arguments.js';
import { INSIDE_SOCKET, bubblewrapArguments, limitArguments } from './bubblewrap-arguments.js';
import { attainableLimits, detectLayout } from './detect-layout.js';
import { InsideFiles } from './inside-files.js';
import { resolveSandboxOptions, type SandboxLimits, type SandboxModuleOptions } from './sandbox.options.js';
import type { SandboxLayout } from './sandbox.types.js';

/** bubblewrap, the first process of the namespace, and the shell that waits for the program. */
const OWN_PROCESSES = 3;

/**
 * Confines programs with bubblewrap: in namespaces of their own, without a network, as nobody, with a read-only system
 * and of everything else what the confinement names. The environment is the program's own from the start, since the
 * first process inside shows for ever what it was started with (containers/bubblewrap issue 725).
 *
 * It does not filter system calls, and a program inside shares the kernel and the session keyring with the service.
 */
export class BubblewrapSandbox implements Sandbox, OnApplicationShutdown {
  private readonly files: InsideFiles;
  private readonly layout: SandboxLayout;
  private readonly limits: SandboxLimits;

  /** @throws {InvalidSandboxOptionsError} if an option is out of range */
  constructor(options: SandboxModuleOptions = {}) {
    const resolved = resolveSandboxOptions(options);
    this.files = new InsideFiles(resolved.folder);
    this.layout = detectLayout(resolved, {});
    this.limits = attainableLimits(resolved.limits);
  }

  /** The program that is run, absolute. */
  get bubblewrapPath(): string {
    return this.layout.programs.bubblewrap;
  }

  confine({ argv, cwd, confinement }: ConfinedProgram): ConfinedStart {
    const { programs, readable } = this.layout;
    const { network } = confinement;
    const layout = { ...this.layout, made: this.files.ensure() };
    const paths = accessiblePaths(confinement, readable);
    const socket = network === undefined ? null : this.socketOf(network);
    const inside =
      network === undefined ? argv : bridgeArguments({ ...this.layout, socket: INSIDE_SOCKET }, network, argv);
    const { processes, treeMemoryBytes: memoryBytes } = this.limits;
    return {
      argv: [
        programs.bubblewrap,
        ...bubblewrapArguments({ paths, cwd, socket }, layout, this.limits),
        ...limitArguments(programs.prlimit, this.limits),
        ...wardenArguments(argv[0], inside),
      ],
      ownProcesses: network === undefined ? OWN_PROCESSES : OWN_PROCESSES + 1,
      hasNamespace: true,
      limits: { processes, memoryBytes },
    };
  }

  /** Removes the files that were made for the inside, where they are temporary. */
  onApplicationShutdown(): void {
    this.files.remove();
  }

  private socketOf({ socket }: NetworkAccess): string {
    try {
      return realpathSync(socket);
    } catch {
      throw new ConfinementRefusedError('The way to the network is closed: its socket is not there');
    }
  }
}
