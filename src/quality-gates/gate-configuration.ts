import { readConfigurationDocument, type Placed } from './configuration-document.js';
import { readDuration } from './duration.js';
import { InvalidGatesConfigurationError, type ConfigurationMistake } from './quality-gates.errors.js';
import { GATE_KINDS, type GateDefinition, type GateKind } from './quality-gates.types.js';

/** Where a repository says how it is to be worked on: on its base branch. */
export const CONFIGURATION_PATH = '.mosaic/coordinator.yml';

/** What a repository allows; null where it says nothing and the coordinator's own limit holds. */
export interface RepositoryLimits {
  /** How often the gates may reject one job. */
  readonly rejections: number | null;
  /** How many tokens one issue may spend, all its runs together. */
  readonly tokens: number | null;
  /** How many US dollars one issue may spend, all its runs together. */
  readonly usd: number | null;
  /** How many minutes one run may take. */
  readonly minutes: number | null;
}

/** A `.mosaic/coordinator.yml`, checked. */
export interface RepositoryConfiguration {
  /** In the order in which they run. Null when the file says nothing of gates, so that they are detected. */
  readonly gates: readonly GateDefinition[] | null;
  /** Added to the prompt of every agent that works on this repository. */
  readonly prompt: string | null;
  readonly limits: RepositoryLimits;
}

const MAX_PROMPT_LENGTH = 20_000;
const MAX_TOKENS = 1_000_000_000_000;
const MAX_USD = 1_000_000;
/** A week. */
const MAX_MINUTES = 10_080;
const MAX_TIMEOUT_MS = 6 * 3_600_000;
const SCRIPT_SHELL = ['bash', '-euo', 'pipefail', '-c'] as const;

/**
 * Reads a `.mosaic/coordinator.yml`.
 *
 * Where `gates` stands there, the gates are those it names and no others, and `test` must be one of them: a repository
 * without tests has nothing that could tell good work from bad. `off` says of another gate that it is left out on
 * purpose. A key that is not known is a mistake, because a gate that is misspelt would silently not run.
 *
 * @param source names the file in origins and in the error
 * @param gateTimeoutMs the time limit of a gate that states none, in milliseconds
 * @throws {InvalidGatesConfigurationError} with every mistake and its line
 */
export function parseRepositoryConfiguration(
  text: string,
  source: string,
  gateTimeoutMs: number,
): RepositoryConfiguration {
  const { root, mistakes } = readConfigurationDocument(text);
  const reading = new ConfigurationReading(source, gateTimeoutMs, [...mistakes]);
  const configuration = root === null ? NOTHING_SAID : reading.configuration(root);
  if (reading.mistakes.length > 0) {
    throw new InvalidGatesConfigurationError(
      source,
      [...reading.mistakes].sort((a, b) => a.line - b.line),
    );
  }
  return configuration;
}

const NO_LIMITS: RepositoryLimits = { rejections: null, tokens: null, usd: null, minutes: null };
const NOTHING_SAID: RepositoryConfiguration = { gates: null, prompt: null, limits: NO_LIMITS };

/** One pass over a document. Goes on after a mistake, so that a person sees all of them at once. */
class ConfigurationReading {
  constructor(
    private readonly source: string,
    private readonly gateTimeoutMs: number,
    readonly mistakes: ConfigurationMistake[],
  ) {}

  configuration(root: Placed): RepositoryConfiguration {
    if (root.value === null) return NOTHING_SAID;
    const keys = this.mapping(root, 'The file', ['gates', 'prompt', 'limits']);
    const gates = keys.get('gates');
    const limits = keys.get('limits');
    return {
      gates: gates ? this.gates(gates) : null,
      prompt: this.text(keys.get('prompt'), 'prompt', MAX_PROMPT_LENGTH),
      limits: limits ? this.limits(limits) : NO_LIMITS,
    };
  }

  private gates(placed: Placed): readonly GateDefinition[] {
    const declared = this.mapping(placed, 'gates', GATE_KINDS);
    const test = declared.get('test');
    if (!test) this.mistake(placed, 'gates.test is missing: a test gate is always required');
    return GATE_KINDS.flatMap((kind) => {
      const gate = declared.get(kind);
      const definition = gate ? this.gate(kind, gate) : null;
      return definition ? [definition] : [];
    });
  }

  private gate(kind: GateKind, placed: Placed): GateDefinition | null {
    if (placed.value === 'off' || placed.value === false) {
      if (kind === 'test') this.mistake(placed, 'gates.test cannot be off: a test gate is always required');
      return null;
    }
    const isShort = typeof placed.value === 'string';
    const given = isShort
      ? new Map([['run', placed]])
      : this.mapping(placed, `gates.${kind}`, ['run', 'timeout', ...REPORT_KEYS[kind]]);
    if (!isShort && !(placed.value instanceof Map)) return null;
    const argv = this.argv(given.get('run') ?? { value: null, line: placed.line }, `gates.${kind}.run`);
    const timeout = given.get('timeout');
    return (
      argv && {
        kind,
        argv,
        timeoutMs: (timeout && this.duration(timeout, `gates.${kind}.timeout`, MAX_TIMEOUT_MS)) ?? this.gateTimeoutMs,
        report: this.reportPath(given.get('report'), `gates.${kind}.report`),
        threshold: this.number(given.get('threshold'), `gates.${kind}.threshold`, 0, 100),
        origin: `${this.source}, line ${placed.line}: gates.${kind}`,
      }
    );
  }

  private argv(placed: Placed, name: string): readonly [string, ...string[]] | null {
    const { value } = placed;
    if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return [...SCRIPT_SHELL, value];
    if (Array.isArray(value)) {
      const words = (value as readonly Placed[]).map((word) => word.value);
      const [program, ...rest] = words.filter((word) => typeof word === 'string' && !word.includes('\0')) as string[];
      if (program && rest.length === words.length - 1) return [program, ...rest];
    }
    this.mistake(placed, `${name} must be a script, or a list of texts: a program and its arguments`);
    return null;
  }

  private limits(placed: Placed): RepositoryLimits {
    const keys = this.mapping(placed, 'limits', Object.keys(NO_LIMITS));
    return {
      rejections: this.wholeNumber(keys.get('rejections'), 'limits.rejections', 1000),
      tokens: this.wholeNumber(keys.get('tokens'), 'limits.tokens', MAX_TOKENS),
      usd: this.number(keys.get('usd'), 'limits.usd', 0.01, MAX_USD),
      minutes: this.wholeNumber(keys.get('minutes'), 'limits.minutes', MAX_MINUTES),
    };
  }

  private reportPath(placed: Placed | undefined, name: string): string | null {
    const path = this.text(placed, name, 500);
    if (placed === undefined || path === null) return null;
    const isInside = /^[^/\\\0]/.test(path) && !path.split('/').some((part) => ['', '.', '..', '.git'].includes(part));
    if (!isInside || /[\\\p{Cc}]/u.test(path)) {
      this.mistake(placed, `${name} must be a path inside the repository, such as coverage/lcov.info`);
      return null;
    }
    return path;
  }

  private text(placed: Placed | undefined, name: string, limit: number): string | null {
    if (placed === undefined) return null;
    const { value } = placed;
    if (typeof value === 'string' && value.trim() !== '' && value.length <= limit) return value;
    this.mistake(placed, `${name} must be a text of 1 to ${limit} characters`);
    return null;
  }

  private number(placed: Placed | undefined, name: string, from: number, to: number): number | null {
    if (placed === undefined) return null;
    const { value } = placed;
    if (typeof value === 'number' && value >= from && value <= to) return value;
    this.mistake(placed, `${name} must be a number from ${from} to ${to}`);
    return null;
  }

  private wholeNumber(placed: Placed | undefined, name: string, to: number): number | null {
    const value = this.number(placed, name, 1, to);
    if (placed === undefined || value === null || Number.isInteger(value)) return value;
    this.mistake(placed, `${name} must be a whole number`);
    return null;
  }

  private duration(placed: Placed, name: string, limitMs: number): number | null {
    const ms = readDuration(placed.value);
    if (ms !== null && ms >= 1000 && ms <= limitMs) return ms;
    this.mistake(placed, `${name} must be a time such as 90s, 10m or 1h, from 1s to ${limitMs / 3_600_000}h`);
    return null;
  }

  private mapping(placed: Placed, name: string, known: readonly string[]): ReadonlyMap<string, Placed> {
    if (!(placed.value instanceof Map)) {
      this.mistake(placed, `${name} must be a mapping with some of the keys ${known.join(', ')}`);
      return new Map();
    }
    const keys = placed.value as ReadonlyMap<string, Placed>;
    for (const [key, value] of keys) {
      const place = name === 'The file' ? 'here' : `in ${name}`;
      if (!known.includes(key)) {
        this.mistake(value, `${JSON.stringify(key)} is not known ${place}; known are ${known.join(', ')}`);
      }
    }
    return keys;
  }

  private mistake({ line }: Placed, text: string): void {
    this.mistakes.push({ line, text });
  }
}

/** Which keys only some gates have: nobody would read the report of a build. */
const REPORT_KEYS: Readonly<Record<GateKind, readonly string[]>> = {
  setup: [],
  build: [],
  lint: [],
  test: ['report'],
  coverage: ['report', 'threshold'],
};
