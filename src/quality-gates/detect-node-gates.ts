import { detected, REPORT_NAME, withCache, type DetectedGate, type ReadBaseFile } from './detected-gate.js';
import { objectOf, parsedObject } from './parsed-object.js';
import type { GateDefinition, GateKind } from './quality-gates.types.js';

interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn';
  /** Null without a lock file: what would then be installed is not known. */
  readonly lock: { readonly file: string; readonly setup: GateDefinition['argv'] } | null;
}

/** Which scripts are which gate; the first that is there counts. */
const SCRIPTS: readonly (readonly [name: string, kind: GateKind, scripts: readonly string[]])[] = [
  ['build', 'build', ['build']],
  ['lint', 'lint', ['lint']],
  ['types', 'lint', ['typecheck', 'type-check', 'types:check', 'check:types']],
  ['test', 'test', ['test']],
  ['coverage', 'coverage', ['coverage', 'test:coverage', 'test:cov']],
];

/**
 * The gates of a Node package, from the scripts of its package.json, and where that has no test script, from the test
 * runner among its dependencies. Dependencies are installed only by a lock file, and without their install scripts: those
 * are code of strangers, and need a person's word in the configuration.
 */
export async function detectNodeGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const text = await read('package.json');
  if (text === null) return [];
  const manifest = parsedObject(text);
  const scripts = objectOf(manifest['scripts']);
  const manager = await packageManager(read, manifest['packageManager']);
  const gates = SCRIPTS.flatMap(([name, kind, names]): readonly DetectedGate[] => {
    const script = names.find((candidate) => isRealScript(scripts[candidate]));
    if (script === undefined) return kind === 'test' ? runnerGate(manifest, manager) : [];
    const why = `the script ${JSON.stringify(script)} in package.json`;
    const told = kind === 'test' ? reporting(scripts[script], manager) : null;
    return [detected([name, kind], [manager.name, 'run', script, ...(told ?? [])], why, told && REPORT)];
  });
  if (gates.length === 0 || manager.lock === null || !hasDependencies(manifest)) return gates;
  const { file, setup } = manager.lock;
  const found = detected('setup', setup, `the dependencies in package.json and ${file}`);
  // Npm's downloads are addressed by what they hold; where others keep theirs depends on their version.
  return [manager.name === 'npm' ? withCache(found, [file], ['.npm/_cacache']) : found, ...gates];
}

const REPORT = `${REPORT_NAME}.json`;
const RUNNERS: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['vitest', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]],
  ['jest', ['jest', '--ci', '--json', `--outputFile=${REPORT}`]],
];
/**
 * What has a test script write a report beside what it prints, which names no tests; null where that is not sure: only of a
 * script that is a runner with simple options, none of which is about reports.
 */
function reporting(script: unknown, { name: manager }: PackageManager): readonly string[] | null {
  const [, runner, options = ''] = /^(jest|vitest(?: run)?)((?: --?[\w.=/-]+)*)$/.exec(String(script).trim()) ?? [];
  if (runner === undefined || /report|output|json|watch|--?(?:o|h|v)\b|help|version|init|list|only/i.test(options))
    return null;
  const told =
    runner === 'jest'
      ? ['--json', `--outputFile=${REPORT}`]
      : ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  return [...(manager === 'npm' ? ['--'] : []), ...told];
}

/** What runs a program of a dependency, and never fetches one. */
const EXECUTE: Readonly<Record<PackageManager['name'], GateDefinition['argv']>> = {
  npm: ['npx', '--no-install'],
  pnpm: ['pnpm', 'exec'],
  yarn: ['yarn', 'run'],
};

function runnerGate(
  manifest: Readonly<Record<string, unknown>>,
  { name: manager }: PackageManager,
): readonly DetectedGate[] {
  const packages = { ...objectOf(manifest['dependencies']), ...objectOf(manifest['devDependencies']) };
  const runner = RUNNERS.find(([name]) => name in packages);
  if (!runner) return [];
  const [name, words] = runner;
  return [detected('test', [...EXECUTE[manager], ...words], `${name} among the dependencies in package.json`, REPORT)];
}

/** `npm init` writes a test script that only says that there is none. */
function isRealScript(script: unknown): boolean {
  return typeof script === 'string' && script.trim() !== '' && !/no test specified/i.test(script);
}

function hasDependencies(manifest: Readonly<Record<string, unknown>>): boolean {
  const lists = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'workspaces'];
  return lists.some((list) => Object.keys(manifest[list] ?? {}).length > 0);
}

/** By its lock file, else as `packageManager` says, which Corepack reads: "pnpm@9.1.0". */
async function packageManager(read: ReadBaseFile, named: unknown): Promise<PackageManager> {
  for (const file of ['package-lock.json', 'npm-shrinkwrap.json']) {
    if ((await read(file)) !== null) return { name: 'npm', lock: { file, setup: ['npm', 'ci', '--ignore-scripts'] } };
  }
  if ((await read('pnpm-lock.yaml')) !== null) {
    const setup = ['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts'] as const;
    return { name: 'pnpm', lock: { file: 'pnpm-lock.yaml', setup } };
  }
  const yarnLock = await read('yarn.lock');
  if (yarnLock !== null) {
    // Yarn 2 and later write their own version into the lock file, and have other options.
    const options = yarnLock.includes('__metadata:')
      ? ['--immutable', '--mode=skip-build']
      : ['--frozen-lockfile', '--ignore-scripts'];
    return { name: 'yarn', lock: { file: 'yarn.lock', setup: ['yarn', 'install', ...options] } };
  }
  const [, name] = /^(pnpm|yarn)@/.exec(typeof named === 'string' ? named : '') ?? [];
  return { name: name === 'pnpm' || name === 'yarn' ? name : 'npm', lock: null };
}
