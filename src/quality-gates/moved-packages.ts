import { objectOf, parsedObject } from './parsed-object.js';

/** Lock files of npm; where both are there, the first is read. */
const NPM_LOCKS = ['npm-shrinkwrap.json', 'package-lock.json'] as const;
const PUBLIC_REGISTRIES = ['https://registry.npmjs.org', 'https://registry.yarnpkg.com'];
const IN_MODULES = 'node_modules/';

/**
 * The paths of the base commit by which a file that says where packages come from is judged, as far as they are there; null
 * for any other file.
 */
export function placesFile(path: string): readonly string[] | null {
  const at = path.lastIndexOf('/') + 1;
  const [folder, name] = [path.slice(0, at), path.slice(at)];
  if (name === 'go.mod') return [path];
  return NPM_LOCKS.some((lock) => lock === name) ? NPM_LOCKS.map((lock) => `${folder}${lock}`) : null;
}

/**
 * Which package of the base commit a changed lock file of npm, or a `go.mod`, takes from another place, as part of a
 * sentence; null: none. A folder or an archive of the repository in the place of a test runner would say what its author
 * wishes. Other versions from where the package came from are no other place, and new packages may come from anywhere.
 */
export function movedPackage(path: string, base: string, text: string): string | null {
  return path.endsWith('go.mod') ? replacedModule(base, text) : movedInLock(parsedObject(base), parsedObject(text));
}

interface Locked {
  readonly name: string;
  readonly resolved: string | null;
}

function movedInLock(base: Readonly<Record<string, unknown>>, head: Readonly<Record<string, unknown>>): string | null {
  const before = new Map<string, Set<string>>();
  const origins = new Set(PUBLIC_REGISTRIES);
  for (const { name, resolved } of lockedPackages(base)) {
    const places = before.get(name) ?? new Set();
    before.set(name, resolved === null ? places : places.add(resolved));
    const origin = originOf(resolved ?? '');
    if (origin !== null) origins.add(origin);
  }
  for (const { name, resolved } of lockedPackages(head)) {
    const places = before.get(name);
    if (!places || resolved === null || places.has(resolved)) continue;
    const isFromRegistry = origins.has(originOf(resolved) ?? '') && decoded(resolved).includes(`/${name}/`);
    if (!isFromRegistry) return `${name} from ${resolved}`;
  }
  return null;
}

/** Every package below a node_modules, with lock files of version 1 and of later ones. */
function lockedPackages(lock: Readonly<Record<string, unknown>>): readonly Locked[] {
  const found: Locked[] = [];
  for (const [path, value] of Object.entries(objectOf(lock['packages']))) {
    const at = path.lastIndexOf(IN_MODULES);
    if (at >= 0) found.push(locked(path.slice(at + IN_MODULES.length), objectOf(value)));
  }
  const walk = (dependencies: unknown, depth: number): void => {
    for (const [name, value] of Object.entries(objectOf(dependencies))) {
      const { version, ...rest } = objectOf(value);
      const isElsewhere = typeof version === 'string' && /[:/]/.test(version);
      found.push(locked(name, isElsewhere ? { resolved: version } : rest));
      if (depth < 100) walk(rest['dependencies'], depth + 1);
    }
  };
  walk(lock['dependencies'], 0);
  return found;
}

function locked(name: string, { name: real, resolved }: Readonly<Record<string, unknown>>): Locked {
  if (typeof real === 'string' && real !== name && typeof resolved !== 'string')
    return { name, resolved: `npm:${real}` };
  return { name, resolved: typeof resolved === 'string' ? resolved : null };
}

function originOf(address: string): string | null {
  return /^https?:\/\/[^/]+/.exec(address)?.[0] ?? null;
}

function decoded(address: string): string {
  return address.replace(/%2f/gi, '/').replace(/%40/g, '@');
}

/** A module that another one stands in for, by `replace`. go.dev/ref/mod, "replace directive". */
function replacedModule(base: string, text: string): string | null {
  const known = new Set(goLines(base));
  const modules = new Set(goLines(base).flatMap((line) => line.replace(/^(?:require|replace)\s+/, '').split(/\s+/, 1)));
  for (const line of goLines(text)) {
    const [, module = '', place = ''] = /^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(.+)$/.exec(line) ?? [];
    if (module !== '' && modules.has(module) && !known.has(line)) return `${module} from ${place}`;
  }
  return null;
}

function goLines(text: string): readonly string[] {
  return text.split('\n').map((line) =>
    line
      .replace(/\/\/.*/, '')
      .trim()
      .replace(/\s+/g, ' '),
  );
}
