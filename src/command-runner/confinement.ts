/**
 * What a program may reach of the machine. A sandbox makes it true; see the `Sandbox` of the runner for what holds
 * without one.
 */
export interface Confinement {
  /** Directories it may change, absolute and existing. */
  readonly writable: readonly string[];
  /** Files and directories it may read besides the system's own, absolute. One that is missing is left out. */
  readonly readable?: readonly string[];
  /** The only way out; left out, it reaches no network at all. */
  readonly network?: NetworkAccess;
}

/** A way to the network that ends in a program of the coordinator's, which decides what goes through. */
export interface NetworkAccess {
  /** The Unix socket of that program, absolute. */
  readonly socket: string;
  /**
   * Variables that tell the confined program where to connect. `{address}` in a value stands for an address such as
   * `http://127.0.0.1:41234`, from which every connection leads to the socket.
   */
  readonly environment: Readonly<Record<string, string>>;
}
