import { describe, expect, it } from '@jest/globals';
import { movedPackage, placesFile } from './moved-packages.js';

const REGISTRY = 'https://registry.example.org/npm';
const lock = (packages: Readonly<Record<string, object>>): string => JSON.stringify({ lockfileVersion: 3, packages });
const jest = (version: string, rest: object = {}): Readonly<Record<string, object>> => ({
  '': { name: 'x' },
  'node_modules/jest': { version, resolved: `${REGISTRY}/jest/-/jest-${version}.tgz`, ...rest },
});
const BASE = lock(jest('29.0.0'));
const moved = (head: string, base = BASE): string | null => movedPackage('package-lock.json', base, head);

describe('placesFile', () => {
  it('knows lock files of npm, each in its folder, and go.mod', () => {
    expect(placesFile('package-lock.json')).toEqual(['npm-shrinkwrap.json', 'package-lock.json']);
    expect(placesFile('a/npm-shrinkwrap.json')).toEqual(['a/npm-shrinkwrap.json', 'a/package-lock.json']);
    expect(placesFile('a/go.mod')).toEqual(['a/go.mod']);
    expect(placesFile('a/package.json')).toBeNull();
  });
});

describe('movedPackage, of npm', () => {
  it.each([
    ['an archive of the repository', { resolved: 'file:fake.tgz' }, 'jest from file:fake.tgz'],
    ['a folder', { resolved: 'fake', link: true }, 'jest from fake'],
    ['another host', { resolved: 'https://evil.example/jest/-/jest-29.0.1.tgz' }, 'jest from https://evil.example/'],
    ['another package', { resolved: `${REGISTRY}/evil/-/evil-1.0.0.tgz` }, `jest from ${REGISTRY}/evil/`],
    ['another name', { resolved: undefined, name: 'evil' }, 'jest from npm:evil'],
    ['a repository', { resolved: 'git+ssh://git@github.com/x/jest.git#abc' }, 'jest from git+ssh'],
  ])('finds a package that comes from %s', (_name, rest, told) => {
    expect(moved(lock(jest('29.0.1', rest)))).toContain(told);
    expect(
      moved(lock({ 'node_modules/a/node_modules/jest': jest('29.0.1', rest)['node_modules/jest'] ?? {} })),
    ).toContain(told);
  });

  it('lets versions change and packages be added, from anywhere', () => {
    expect(moved(lock(jest('30.1.0')))).toBeNull();
    expect(moved(lock(jest('30.1.0', { resolved: undefined })))).toBeNull();
    expect(moved(lock({ ...jest('29.0.0'), lib: {}, 'node_modules/lib': { resolved: 'lib', link: true } }))).toBeNull();
    expect(moved(lock({}))).toBeNull();
    expect(moved('nonsense')).toBeNull();
  });

  it('lets stay what comes from elsewhere on the base commit, and reads scopes however they are written', () => {
    const linked = lock({ 'node_modules/lib': { resolved: 'lib', link: true } });
    const scoped = (version: string, mark: string): string =>
      lock({ 'node_modules/@a/b': { resolved: `${REGISTRY}/@a${mark}b/-/${version}.tgz` } });

    expect(moved(linked, linked)).toBeNull();
    expect(moved(scoped('2', '%2f'), scoped('1', '/'))).toBeNull();
  });

  it('reads lock files of version 1, and takes the public registry for one', () => {
    const first = (jestThere: object): string =>
      JSON.stringify({ dependencies: { a: { version: '1.0.0', dependencies: { jest: jestThere } } } });
    const base = first({ version: '29.0.0' });

    expect(moved(first({ version: 'file:fake' }), base)).toBe('jest from file:fake');
    expect(
      moved(first({ version: '30.0.0', resolved: 'https://registry.npmjs.org/jest/-/jest-30.0.0.tgz' }), base),
    ).toBeNull();
  });

  it('reads no further down than packages are nested', () => {
    let nested: object = { version: 'file:fake' };
    for (let depth = 0; depth < 300; depth += 1) nested = { dependencies: { jest: nested } };

    expect(moved(JSON.stringify(nested))).toBeNull();
  });
});

describe('movedPackage, of Go', () => {
  const base =
    'module x\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/assert v1.0.0 // indirect\n)\nreplace github.com/b/c => ../c\n';
  const replaced = (text: string): string | null => movedPackage('go.mod', base, text);

  it('finds a module that another stands in for', () => {
    expect(replaced(`${base}replace github.com/a/assert => ./fake\n`)).toBe('github.com/a/assert from ./fake');
    expect(replaced(`${base}replace (\n\tgithub.com/a/assert v1.0.0 => github.com/evil/assert v1.0.0\n)\n`)).toBe(
      'github.com/a/assert from github.com/evil/assert v1.0.0',
    );
    expect(replaced(base.replace('../c', './fake'))).toBe('github.com/b/c from ./fake');
  });

  it('lets other versions, new modules and their replacements be', () => {
    const more = 'require github.com/n/n v1.0.0\nreplace github.com/n/n => ./n // for now\n';

    expect(replaced(base.replace('v1.0.0', 'v2.0.0') + more)).toBeNull();
  });
});
