import { isAbsolute } from 'node:path';
import { InvalidSandboxOptionsError } from './sandbox.errors.js';

/** What one confined program may take of the machine. Bytes, unless it says otherwise. */
export interface SandboxLimits {
  /**
   * Memory of one process: what it may write to and shares with nobody (RLIMIT_DATA). Address space is not limited,
   * since V8, Java and Go reserve far more of it than they use.
   * @default 4294967296
   */
  readonly memoryBytes: number;
  /**
   * Memory in use by all processes of the program together; what they share counts for each of them.
   * @default 8589934592
   */
  readonly treeMemoryBytes: number;
  /**
   * How many processes and threads the program may have at once. As a limit of the kernel it holds where the service is
   * not root; and everywhere for processes, counted once a second.
   * @default 1024
   */
  readonly processes: number;
  /**
   * The largest file that may be written.
   * @default 2147483648
   */
  readonly fileBytes: number;
  /**
   * How many files one process may have open.
   * @default 8192
   */
  readonly openFiles: number;
  /**
   * What may be written to /tmp, and as much again to /dev/shm; both are memory.
   * @default 268435456
   */
  readonly temporaryBytes: number;
}

/** What `SandboxModule.forRoot` accepts. Every field may be left out. */
export interface SandboxModuleOptions {
  /**
   * Whether to run programs unconfined where no sandbox is usable. Without it, the module does not start there.
   * @default false
   */
  readonly allowUnsandboxed?: boolean;
  /**
   * Files and directories that every confined program may read besides the system's own, absolute: toolchains outside
   * of /usr. One that is missing is left out.
   * @default []
   */
  readonly readable?: readonly string[];
  /** The limits of every confined program; those left out have their defaults. */
  readonly limits?: Partial<SandboxLimits>;
  /**
   * What leads a confined program to its network: a program for Node, then every other file that it reads, absolute.
   * Without it, a program that is to have a network is refused.
   * @default []
   */
  readonly bridgeFiles?: readonly string[];
  /**
   * The bubblewrap program, absolute. Null: looked for in the system's folders.
   * @default null
   */
  readonly bubblewrapPath?: string | null;
  /**
   * An existing directory of the coordinator's own, absolute, for the few files that are made for the inside. Null: a
   * new one in the system's temporary folder, removed when the app shuts down.
   * @default null
   */
  readonly folder?: string | null;
}

/** The options once checked, with every default filled in. */
export type SandboxOptions = Required<Omit<SandboxModuleOptions, 'limits'>> & { readonly limits: SandboxLimits };

export const SANDBOX_OPTIONS = Symbol('SANDBOX_OPTIONS');

export const DEFAULT_LIMITS: SandboxLimits = {
  memoryBytes: 4_294_967_296,
  treeMemoryBytes: 8_589_934_592,
  processes: 1024,
  fileBytes: 2_147_483_648,
  openFiles: 8192,
  temporaryBytes: 268_435_456,
};

/** Below these, not even a shell with git runs. */
const LEAST: SandboxLimits = {
  memoryBytes: 16_777_216,
  treeMemoryBytes: 16_777_216,
  processes: 16,
  fileBytes: 4096,
  openFiles: 32,
  temporaryBytes: 65_536,
};

/** @throws {InvalidSandboxOptionsError} if a limit is out of range or a path is not absolute */
export function resolveSandboxOptions(given: SandboxModuleOptions = {}): SandboxOptions {
  const { allowUnsandboxed = false, readable = [], bridgeFiles = [], bubblewrapPath = null, folder = null } = given;
  const limits = { ...DEFAULT_LIMITS, ...given.limits };
  for (const [name, least] of Object.entries(LEAST)) {
    const value = limits[name as keyof SandboxLimits];
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidSandboxOptionsError(`Expected limits.${name} to be a whole number from ${least}, got ${value}`);
    }
  }
  for (const [name, given] of Object.entries({ bubblewrapPath, folder, readable, bridgeFiles })) {
    for (const path of [given ?? []].flat()) {
      if (isAbsolute(path)) continue;
      throw new InvalidSandboxOptionsError(`Expected ${name} to be an absolute path, got ${JSON.stringify(path)}`);
    }
  }
  return { allowUnsandboxed, readable, limits, bridgeFiles, bubblewrapPath, folder };
}
