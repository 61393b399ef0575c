import { lstat, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { objectOf, parsedObject } from './parsed-object.js';
import { readPlainFile } from './report-file.js';

const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * Has the programs of some packages run under their names again: of two packages with a program of one name npm links
 * either, and one that the agent added could stand in for a test runner. Only links are looked at, which npm and Yarn make.
 *
 * @param modules a folder `node_modules`
 * @param packages those whose programs count; where two of them have one of the same name, either may be linked
 */
export async function holdProgramLinks(modules: string, packages: readonly string[]): Promise<void> {
  const wanted = new Map<string, string[]>();
  for (const name of packages) {
    for (const [program, file] of await programsOf(modules, name)) {
      wanted.set(program, [...(wanted.get(program) ?? []), join('..', name, file)]);
    }
  }
  for (const [program, targets] of wanted) {
    const link = join(modules, '.bin', program);
    const isLink = await lstat(link).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    const [first = ''] = targets;
    if (!isLink || targets.includes(normalize(await readlink(link)))) continue;
    await rm(link);
    await symlink(first, link);
  }
}

/** The programs that a package's own manifest names, with their files. docs.npmjs.com, package.json, "bin". */
async function programsOf(modules: string, name: string): Promise<readonly (readonly [string, string])[]> {
  // A package of the repository itself is linked; what lies elsewhere is not asked.
  const tree = await realpath(dirname(modules));
  const folder = await realpath(join(modules, name)).catch(() => null);
  if (folder === null) return [];
  const manifest = await readPlainFile(tree, join(relative(tree, folder), 'package.json'), MAX_MANIFEST_BYTES);
  if ('problem' in manifest) return [];
  const { bin } = parsedObject(manifest.text);
  const programs = typeof bin === 'string' ? { [name.replace(/^@[^/]*\//, '')]: bin } : objectOf(bin);
  return Object.entries(programs).filter(
    (entry): entry is [string, string] => /^[\w.-]+$/.test(entry[0]) && typeof entry[1] === 'string',
  );
}
