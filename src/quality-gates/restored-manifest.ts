import { isDeepStrictEqual } from 'node:util';
import { objectOf, parsedObject } from './parsed-object.js';

/**
 * The keys of a package.json that say how work is checked: scripts, settings of the tools that keep theirs there, and
 * which package manager runs. `config` is among them because npm hands it to scripts as their environment.
 *
 * `type`, `exports`, `engines` and all that is about packages belong to the work.
 */
const GATE_KEYS = [
  'scripts',
  'config',
  'packageManager',
  'jest',
  'vitest',
  'mocha',
  'ava',
  'tap',
  'c8',
  'nyc',
  'babel',
  'eslintConfig',
  'eslintIgnore',
  'prettier',
  'stylelint',
  'commitlint',
  'lint-staged',
  'husky',
  'simple-git-hooks',
  'xo',
  'standard',
  'wireit',
  'nx',
  'tsd',
  'jest-junit',
  'type-coverage',
] as const;

/** Lists of packages, by name. */
const PACKAGES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;
/** What says of packages deeper down where they come from. */
const REPLACEMENTS = ['overrides', 'resolutions', 'pnpm'] as const;

/**
 * The package.json of a commit with what defines gates as its base commit has it; null where it has it so already.
 *
 * Packages may be added and get other versions, for issues ask for that. What may not is that one which the base commit
 * has comes from another place, such as a folder of the repository: that would be a test runner of the agent's own.
 */
export function restoredManifest(baseText: string, text: string): string | null {
  const base = parsedObject(baseText);
  const manifest = parsedObject(text);
  const restored: Record<string, unknown> = { ...manifest };
  for (const key of GATE_KEYS) put(restored, key, base[key]);
  for (const key of PACKAGES) {
    const [before, after] = [objectOf(base[key]), objectOf(manifest[key])];
    const moved = Object.keys(before).filter((name) => name in after && isElsewhere(after[name], before[name]));
    if (moved.length === 0) continue;
    restored[key] = { ...after, ...Object.fromEntries(moved.map((name) => [name, before[name]])) };
  }
  for (const key of REPLACEMENTS) if (isElsewhere(manifest[key], base[key])) put(restored, key, base[key]);
  if (isDeepStrictEqual(restored, manifest)) return null;
  const [, indentation = '  '] = /^\{\r?\n([ \t]+)"/.exec(text) ?? [];
  return `${JSON.stringify(restored, null, indentation)}\n`;
}

function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (value === undefined) delete object[key];
  else object[key] = value;
}

/** Whether a value, or one in it, names a place that the base commit's does not: a folder, a repository, another name. */
function isElsewhere(value: unknown, base: unknown): boolean {
  if (isDeepStrictEqual(value, base)) return false;
  if (typeof value === 'string') return /[:/]/.test(value);
  return Object.entries(objectOf(value)).some(([key, inner]) => isElsewhere(inner, objectOf(base)[key]));
}
