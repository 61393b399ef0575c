import { dirname, isAbsolute } from 'node:path';
import type { CommandRunner, NetworkAccess } from '../command-runner/index.js';
import type { Clock } from '../kernel/index.js';
import type { BaseMeasurementStore } from './base-measurement-store.port.js';
import type { DependencyCache } from './dependency-cache.port.js';
import { parseGatesConfiguration } from './gate-configuration.js';
import type { GatesOfCoordinator } from './gate-definitions.js';
import { InvalidQualityGatesOptionsError } from './quality-gates.errors.js';

/** What `QualityGatesModule.forRoot` accepts. Every field may be left out. */
export interface QualityGatesModuleOptions {
  /** Runs the gates' programs; processes of this machine when left out. */
  readonly commandRunner?: CommandRunner;
  /** Where `decidedAt` comes from; the system's clock when left out. */
  readonly clock?: Clock;
  /** Keeps what the gates say of base commits; in this process when left out. */
  readonly baseMeasurements?: BaseMeasurementStore;
  /**
   * Where the gates have their homes while they run, absolute; the system's temporary folder when left out. It must be
   * nobody else's: what a killed process left in it is removed at the start.
   */
  readonly folder?: string;
  /** Keeps what setups download; nothing is kept when left out. */
  readonly dependencyCache?: DependencyCache;
  /**
   * The gates of every repository that declares none, written like a `.mosaic/coordinator.yml` with the keys `gates` and
   * `base` alone. Without it they are detected.
   * @default null
   */
  readonly defaultConfiguration?: string | null;
  /**
   * The time limit of a gate that states none, in milliseconds.
   * @default 600000
   */
  readonly gateTimeoutMs?: number;
  /**
   * Per cent of lines, 0 to 100, that a coverage gate without a threshold of its own demands. With 0 a readable report is
   * enough: a number that nobody chose would send agents off to test what their issue is not about.
   * @default 0
   */
  readonly coverageThreshold?: number;
  /** Where programs are looked for. When left out: beside the running Node, then the system's usual folders. */
  readonly path?: string;
  /**
   * Variables that every gate gets besides PATH, HOME, TMPDIR, LANG, TERM, CI and where Java looks for a home, such as the address of a package
   * registry. What the gates run is written by agents: a secret in here is a secret told.
   * @default {}
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * The way out of the gates' programs, such as one to package registries. Null: in a sandbox they have none.
   * @default null
   */
  readonly network?: NetworkAccess | null;
  /**
   * How many bytes of each output stream of a gate are kept to read numbers from, half from its beginning, half from its
   * end.
   * @default 524288
   */
  readonly keepOutputBytes?: number;
  /**
   * How many bytes a gate may print, both streams together. One that prints more fails.
   * @default 268435456
   */
  readonly maxOutputBytes?: number;
  /**
   * How many characters of a gate's output its result keeps as evidence.
   * @default 16000
   */
  readonly evidenceLength?: number;
  /**
   * The largest report file that is read, in bytes.
   * @default 16777216
   */
  readonly maxReportBytes?: number;
}

/** The options once checked, with every default filled in. */
export interface QualityGatesOptions {
  readonly defaults: GatesOfCoordinator;
  /** Null for the system's temporary folder. */
  readonly folder: string | null;
  readonly gateTimeoutMs: number;
  readonly coverageThreshold: number;
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly network: NetworkAccess | null;
  readonly keepOutputBytes: number;
  readonly maxOutputBytes: number;
  readonly evidenceLength: number;
  readonly maxReportBytes: number;
}

/** How origins and errors call the `defaultConfiguration`. */
const DEFAULT_CONFIGURATION = "the coordinator's gate configuration";
/** These are given by the coordinator itself; an own HOME would let one commit's gates prepare those of the next. */
const RESERVED = ['PATH', 'HOME', 'TMPDIR'];

/**
 * @throws {InvalidQualityGatesOptionsError} if a number is out of range, a variable is reserved or a folder not absolute
 * @throws {InvalidGatesConfigurationError} if the default configuration is wrong
 */
export function resolveQualityGatesOptions(given: QualityGatesModuleOptions): QualityGatesOptions {
  const { gateTimeoutMs = 600_000, coverageThreshold = 0, environment = {}, defaultConfiguration = null } = given;
  const { keepOutputBytes = 524_288, evidenceLength = 16_000, maxReportBytes = 16_777_216 } = given;
  const { maxOutputBytes = 268_435_456 } = given;
  const path =
    given.path ?? `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  requireWhole({ gateTimeoutMs, keepOutputBytes, maxOutputBytes, maxReportBytes }, 1000);
  requireWhole({ evidenceLength }, 200);
  if (!(coverageThreshold >= 0 && coverageThreshold <= 100)) {
    throw new InvalidQualityGatesOptionsError(`Expected coverageThreshold from 0 to 100, got ${coverageThreshold}`);
  }
  // A relative or empty entry would find programs in the checkout.
  if (!path.split(':').every((folder) => isAbsolute(folder))) {
    throw new InvalidQualityGatesOptionsError(
      `Expected path to hold absolute folders only, got ${JSON.stringify(path)}`,
    );
  }
  const { folder = null } = given;
  if (folder !== null && !isAbsolute(folder)) {
    throw new InvalidQualityGatesOptionsError(`Expected folder to be absolute, got ${JSON.stringify(folder)}`);
  }
  const reserved = RESERVED.find((name) => name in environment);
  if (reserved) throw new InvalidQualityGatesOptionsError(`The environment of gates cannot set ${reserved}`);
  const defaults =
    defaultConfiguration === null
      ? { gates: null, base: null }
      : parseGatesConfiguration(defaultConfiguration, DEFAULT_CONFIGURATION, gateTimeoutMs);
  return {
    defaults,
    folder,
    gateTimeoutMs,
    coverageThreshold,
    path,
    environment,
    network: given.network ?? null,
    keepOutputBytes,
    maxOutputBytes,
    evidenceLength,
    maxReportBytes,
  };
}

function requireWhole(numbers: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < least || value > 2 ** 31 - 1) {
      throw new InvalidQualityGatesOptionsError(`Expected ${name} to be a whole number from ${least}, got ${value}`);
    }
  }
}
