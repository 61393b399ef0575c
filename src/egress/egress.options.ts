import { lookup } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { InvalidEgressOptionsError } from './egress.errors.js';
import { parseHostEntry, type HostEntry } from './host-entry.js';

/** Every address of a host; rejects where there is none. Called once for a connection, which then goes to these only. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** What `EgressModule.forRoot` accepts. Every field may be left out. */
export interface EgressModuleOptions {
  /**
   * Where the sockets are made, in a new folder that is this user's alone. Absolute, and short: the path of a Unix
   * socket may have 107 bytes.
   * @default the system's folder for temporary files
   */
  readonly directory?: string;
  /**
   * Hosts of the internet that sandboxed programs may reach, beside the model: `registry.npmjs.org`, `*.example.org` for
   * every name below, `example.org:8443` for another port than 443. Plain HTTP is let through where the port is listed.
   * A host that leads to a private address is refused.
   * @default []
   */
  readonly allowedHosts?: readonly string[];
  /**
   * The same for hosts in private networks or on this machine, such as a company's registry: these may lead to private
   * addresses too. Link-local addresses, such as the metadata of a cloud, are refused even so.
   * @default []
   */
  readonly privateHosts?: readonly string[];
  /**
   * Whether a model may be asked to use tools that its provider runs and that reach the internet from there (web search,
   * page fetching, remote MCP servers, images by address): a way out that this proxy does not see.
   * @default false
   */
  readonly allowProviderTools?: boolean;
  /**
   * Bytes of requests to the model that one gate holds at once; more is refused. The Messages API takes 32 MB.
   * @default 33554432
   */
  readonly maxBodyBytes?: number;
  /**
   * Connections into one gate at once; further ones are closed.
   * @default 128
   */
  readonly maxConnections?: number;
  /**
   * Milliseconds to find an allowed host and connect to it.
   * @default 15000
   */
  readonly connectMs?: number;
  /**
   * Milliseconds without a byte after which a connection to an allowed host is closed.
   * @default 300000
   */
  readonly idleMs?: number;
  /**
   * Milliseconds without a byte after which an answer of the model is given up. Without streaming, the whole time that
   * it thinks.
   * @default 900000
   */
  readonly modelIdleMs?: number;
  /** @default the system's resolver */
  readonly resolveHost?: ResolveHost;
  /** @default SystemClock */
  readonly clock?: Clock;
  /** @default SystemRandomness */
  readonly randomness?: Randomness;
}

/** The options once checked, with every default filled in. */
export interface EgressOptions extends Required<Omit<EgressModuleOptions, 'allowedHosts' | 'privateHosts'>> {
  readonly allowedHosts: readonly HostEntry[];
  readonly privateHosts: readonly HostEntry[];
}

export const EGRESS_OPTIONS = Symbol('EGRESS_OPTIONS');

/** Node's timers take no more. */
const LONGEST_MS = 2 ** 31 - 1;
const COUNTS = ['maxBodyBytes', 'maxConnections', 'connectMs', 'idleMs', 'modelIdleMs'] as const;

/** @throws {InvalidEgressOptionsError} if a host is none, the directory is not absolute or a number is out of range */
export function resolveEgressOptions(given: EgressModuleOptions): EgressOptions {
  const options: EgressOptions = {
    directory: given.directory ?? tmpdir(),
    allowedHosts: entriesOf('allowedHosts', given.allowedHosts),
    privateHosts: entriesOf('privateHosts', given.privateHosts),
    allowProviderTools: given.allowProviderTools ?? false,
    maxBodyBytes: given.maxBodyBytes ?? 32 * 1024 * 1024,
    maxConnections: given.maxConnections ?? 128,
    connectMs: given.connectMs ?? 15_000,
    idleMs: given.idleMs ?? 300_000,
    modelIdleMs: given.modelIdleMs ?? 900_000,
    resolveHost: given.resolveHost ?? resolveBySystem,
    clock: given.clock ?? new SystemClock(),
    randomness: given.randomness ?? new SystemRandomness(),
  };
  if (!isAbsolute(options.directory)) {
    throw new InvalidEgressOptionsError(`Expected directory to be an absolute path, got ${options.directory}`);
  }
  for (const name of COUNTS) {
    const value = options[name];
    if (Number.isInteger(value) && value > 0 && value <= LONGEST_MS) continue;
    throw new InvalidEgressOptionsError(`Expected ${name} to be a whole number from 1 to ${LONGEST_MS}, got ${value}`);
  }
  return options;
}

function entriesOf(name: 'allowedHosts' | 'privateHosts', texts: readonly string[] = []): readonly HostEntry[] {
  return texts.map((text) => {
    const entry = parseHostEntry(text.trim());
    if (entry !== null) return entry;
    throw new InvalidEgressOptionsError(
      `Expected ${name} to name hosts such as registry.npmjs.org, *.example.org or example.org:8443, got ${JSON.stringify(text)}`,
    );
  });
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}
