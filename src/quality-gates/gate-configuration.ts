import { readConfigurationDocument, type Placed } from './configuration-document.js';
import { GateDeclarations } from './gate-declarations.js';
import { PlacedReading } from './placed-reading.js';
import { InvalidGatesConfigurationError, type ConfigurationMistake } from './quality-gates.errors.js';
import { BASE_POLICIES, type BasePolicy, type GateDefinition } from './quality-gates.types.js';

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

export const BLOCKER_ENDS = ['closed', 'merged'] as const;
/**
 * When an issue no longer blocks others. *closed*: as soon as it is closed. *merged*: one that has a pull request of the
 * coordinator only once that is merged.
 */
export type BlockerEnd = (typeof BLOCKER_ENDS)[number];

/** A `.mosaic/coordinator.yml`, checked. */
export interface RepositoryConfiguration {
  /** In the order in which they run. Null when the file says nothing of gates, so that they are detected. */
  readonly gates: readonly GateDefinition[] | null;
  /** What is demanded of gates that fail on the base commit already; null where the file does not say. */
  readonly base: BasePolicy | null;
  /** Added to the prompt of every agent that works on this repository. */
  readonly prompt: string | null;
  readonly limits: RepositoryLimits;
  /** Null where the coordinator's own setting holds. */
  readonly blockers: BlockerEnd | null;
  /** Whether issues that are too large for every agent are split into issues of their own. */
  readonly decompose: boolean;
}

/** What is demanded of gates that fail on the base commit already, where nobody says. */
export const DEFAULT_BASE_POLICY: BasePolicy = 'must_not_worsen';
/** What a repository's file may say, and what the coordinator's own file may say of all of them. */
const KEYS = ['gates', 'base', 'prompt', 'limits', 'blockers', 'decompose'] as const;
const KEYS_OF_GATES = ['gates', 'base'] as const;

const MAX_PROMPT_LENGTH = 20_000;
const MAX_TOKENS = 1_000_000_000_000;
const MAX_USD = 1_000_000;
/** A week. */
const MAX_MINUTES = 10_080;

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
  return parsed(text, source, gateTimeoutMs, KEYS);
}

/**
 * Reads a configuration of gates that holds for every repository without one of its own. Prompt and limits are no part of
 * it: for those there are other settings.
 *
 * @throws {InvalidGatesConfigurationError} with every mistake and its line
 */
export function parseGatesConfiguration(
  text: string,
  source: string,
  gateTimeoutMs: number,
): Pick<RepositoryConfiguration, 'gates' | 'base'> {
  return parsed(text, source, gateTimeoutMs, KEYS_OF_GATES);
}

function parsed(
  text: string,
  source: string,
  gateTimeoutMs: number,
  known: readonly string[],
): RepositoryConfiguration {
  const { root, mistakes } = readConfigurationDocument(text);
  const reading = new ConfigurationReading(source, gateTimeoutMs, known, [...mistakes]);
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
const NOTHING_SAID: RepositoryConfiguration = {
  gates: null,
  base: null,
  prompt: null,
  limits: NO_LIMITS,
  blockers: null,
  decompose: false,
};

/** One pass over a document. Goes on after a mistake, so that a person sees all of them at once. */
class ConfigurationReading extends PlacedReading {
  constructor(
    private readonly source: string,
    private readonly gateTimeoutMs: number,
    private readonly known: readonly string[],
    mistakes: ConfigurationMistake[],
  ) {
    super(mistakes);
  }

  configuration(root: Placed): RepositoryConfiguration {
    if (root.value === null) return NOTHING_SAID;
    const keys = this.mapping(root, 'The file', this.known);
    const gates = keys.get('gates');
    const limits = keys.get('limits');
    return {
      gates: gates ? new GateDeclarations(this.source, this.gateTimeoutMs, this.mistakes).gates(gates) : null,
      base: this.basePolicy(keys.get('base')),
      prompt: this.text(keys.get('prompt'), 'prompt', MAX_PROMPT_LENGTH),
      limits: limits ? this.limits(limits) : NO_LIMITS,
      blockers: this.blockerEnd(keys.get('blockers')),
      decompose: this.decompose(keys.get('decompose')),
    };
  }

  private basePolicy(placed: Placed | undefined): BasePolicy | null {
    if (placed === undefined) return null;
    const policy = BASE_POLICIES.find((known) => known === placed.value);
    if (policy === undefined) this.mistake(placed, `base must be one of ${BASE_POLICIES.join(', ')}`);
    return policy ?? null;
  }

  private blockerEnd(placed: Placed | undefined): BlockerEnd | null {
    const end = BLOCKER_ENDS.find((known) => known === placed?.value) ?? null;
    if (placed && end === null) this.mistake(placed, `blockers must be one of ${BLOCKER_ENDS.join(', ')}`);
    return end;
  }

  private decompose(placed: Placed | undefined): boolean {
    if (placed && typeof placed.value !== 'boolean') this.mistake(placed, 'decompose must be true or false');
    return placed?.value === true;
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
}
