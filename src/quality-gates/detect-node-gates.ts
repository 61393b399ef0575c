import type { DetectedGate, ReadBaseFile } from './detected-gate.js';
import { objectOf, parsedObject } from './parsed-object.js';
import type { GateDefinition, GateKind } from './quality-gates.types.js';

interface PackageManager {
  readonly name: string;
  readonly lockFile: string;
  readonly setup: GateDefinition['argv'];
}

/** Which scripts are which gate; the first that is there counts. */
const SCRIPTS: readonly (readonly [kind: GateKind, names: readonly string[]])[] = [
  ['build', ['build']],
  ['lint', ['lint']],
  ['test', ['test']],
  ['coverage', ['coverage', 'test:coverage', 'test:cov']],
];

/**
 * The gates of a Node package, from the scripts of its package.json. Dependencies are installed only by a lock file, and
 * without their install scripts: those are code of strangers, and need a person's word in the configuration.
 */
export async function detectNodeGates(read: ReadBaseFile): Promise<readonly DetectedGate[]> {
  const text = await read('package.json');
  if (text === null) return [];
  const manifest = parsedObject(text);
  const scripts = objectOf(manifest['scripts']);
  const manager = await packageManager(read);
  const gates = SCRIPTS.flatMap(([kind, names]): readonly DetectedGate[] => {
    const name = names.find((script) => isRealScript(scripts[script]));
    if (name === undefined) return [];
    const argv: GateDefinition['argv'] = [manager?.name ?? 'npm', 'run', name];
    return [{ kind, argv, origin: `detected from the script ${JSON.stringify(name)} in package.json` }];
  });
  if (gates.length === 0 || manager === null || !hasDependencies(manifest)) return gates;
  const origin = `detected from the dependencies in package.json and ${manager.lockFile}`;
  return [{ kind: 'setup', argv: manager.setup, origin }, ...gates];
}

/** `npm init` writes a test script that only says that there is none. */
function isRealScript(script: unknown): boolean {
  return typeof script === 'string' && script.trim() !== '' && !/no test specified/i.test(script);
}

function hasDependencies(manifest: Readonly<Record<string, unknown>>): boolean {
  const lists = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'workspaces'];
  return lists.some((list) => Object.keys(manifest[list] ?? {}).length > 0);
}

async function packageManager(read: ReadBaseFile): Promise<PackageManager | null> {
  for (const lockFile of ['package-lock.json', 'npm-shrinkwrap.json']) {
    if ((await read(lockFile)) !== null) return { name: 'npm', lockFile, setup: ['npm', 'ci', '--ignore-scripts'] };
  }
  if ((await read('pnpm-lock.yaml')) !== null) {
    const setup = ['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts'] as const;
    return { name: 'pnpm', lockFile: 'pnpm-lock.yaml', setup };
  }
  const yarnLock = await read('yarn.lock');
  if (yarnLock === null) return null;
  // Yarn 2 and later write their own version into the lock file, and have other options.
  const options = yarnLock.includes('__metadata:')
    ? ['--immutable', '--mode=skip-build']
    : ['--frozen-lockfile', '--ignore-scripts'];
  return { name: 'yarn', lockFile: 'yarn.lock', setup: ['yarn', 'install', ...options] };
}
