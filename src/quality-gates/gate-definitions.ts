import {
  CONFIGURATION_PATH,
  DEFAULT_BASE_POLICY,
  parseRepositoryConfiguration,
  type RepositoryConfiguration,
} from './gate-configuration.js';
import { detectGates } from './detect-gates.js';
import type { ReadBaseFile } from './detected-gate.js';
import { InvalidGatesConfigurationError } from './quality-gates.errors.js';
import type { BasePolicy, GateDefinition } from './quality-gates.types.js';

/** The gates of a repository, or in one sentence why it has none that could be run, with what is to be done about it. */
export type KnownGates =
  | { readonly gates: readonly GateDefinition[]; readonly base: BasePolicy }
  | { readonly problem: string; readonly advice: string; readonly origin: string };

/** A configuration to start from, as it is written out where one is missing. */
export const EXAMPLE_CONFIGURATION = `gates:
  setup: npm ci --ignore-scripts
  build: npm run build
  lint: npm run lint
  test: npm test
  coverage:
    run: npm run coverage
    report: coverage/lcov.info
    threshold: 80
`;

/**
 * Decides which gates judge a repository: those its base commit declares, else the coordinator's own, else what is
 * detected at the base commit. The first of these that knows gates is used whole, never mixed with another. What is
 * demanded of gates that were red before is the first that says so, too.
 */
export async function knownGates(
  read: ReadBaseFile,
  own: GatesOfCoordinator,
  gateTimeoutMs: number,
): Promise<KnownGates> {
  const text = await read(CONFIGURATION_PATH);
  const declared = text === null ? NOTHING_DECLARED : declaredGates(text, gateTimeoutMs);
  if ('problem' in declared) return declared;
  const base = declared.base ?? own.base ?? DEFAULT_BASE_POLICY;
  if (declared.gates !== null) return { gates: declared.gates, base };
  if (own.gates !== null) return { gates: own.gates, base };
  const gates = await detectGates(read, gateTimeoutMs);
  if (gates.some(({ kind }) => kind === 'test')) return { gates, base };
  return { problem: problemWith(gates), advice: ADVICE, origin: 'nothing declared, nothing detected' };
}

/** What the coordinator's own configuration says of gates; null where it does not. */
export type GatesOfCoordinator = Pick<RepositoryConfiguration, 'gates' | 'base'>;

type Declared = Pick<RepositoryConfiguration, 'gates' | 'base'>;
const NOTHING_DECLARED: Declared = { gates: null, base: null };

function declaredGates(text: string, gateTimeoutMs: number): Declared | Extract<KnownGates, { problem: string }> {
  try {
    return parseRepositoryConfiguration(text, CONFIGURATION_PATH, gateTimeoutMs);
  } catch (error) {
    if (!(error instanceof InvalidGatesConfigurationError)) throw error;
    const problem = `${CONFIGURATION_PATH} on the base branch is not valid, so that no gate can be run`;
    return { problem, advice: error.message, origin: CONFIGURATION_PATH };
  }
}

function problemWith(gates: readonly GateDefinition[]): string {
  if (gates.length === 0) return 'No gates are known for this repository';
  const others = gates.map(({ name, origin }) => `${name} ${origin}`).join(', ');
  return `No test gate is known for this repository (known are: ${others})`;
}

const ADVICE = `Say how this repository is tested, in a file ${CONFIGURATION_PATH} on its base branch. For example:

${EXAMPLE_CONFIGURATION}
Only test is required. Each gate is a script, or has the keys run, directory, timeout, required, retries and report, for
coverage threshold, max_fall and changed_lines too. A gate of another name has the key phase as well: setup, build, lint, test or coverage.`;
