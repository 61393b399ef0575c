import { describe, expect, it } from '@jest/globals';
import { restoredManifest } from './restored-manifest.js';

const restored = (base: object, head: object): unknown => {
  const text = restoredManifest(JSON.stringify(base), JSON.stringify(head));
  return text === null ? null : JSON.parse(text);
};

describe('restoredManifest', () => {
  it('puts back scripts that were changed, added or removed, and keeps the rest', () => {
    const head = { version: '2.0.0', scripts: { pretest: 'x', test: 'true' } };

    expect(restored({ version: '1.0.0', scripts: { test: 'jest', lint: 'y' } }, head)).toEqual({
      version: '2.0.0',
      scripts: { test: 'jest', lint: 'y' },
    });
  });

  it('takes settings of tools away where the base commit has none', () => {
    const head = {
      jest: { testRegex: 'easy' },
      eslintConfig: {},
      config: { x: 1 },
      packageManager: 'npm@1',
      type: 'module',
    };

    expect(restored({}, head)).toEqual({ type: 'module' });
  });

  it('lets packages be added, removed and given other versions', () => {
    const base = { dependencies: { a: '1', b: '1' }, overrides: { c: '1' } };
    const head = { dependencies: { a: '^2.1.0', d: 'file:../d' }, devDependencies: { e: '1' }, overrides: { c: '2' } };

    expect(restored(base, head)).toBeNull();
  });

  it.each(['file:fake', 'link:fake', 'npm:fake@1', 'git+https://example.org/x.git', 'someone/fake', './fake'])(
    'lets no package of the base commit come from %s',
    (place) => {
      const base = { devDependencies: { jest: '^29.0.0', other: '1' }, dependencies: { a: '1' } };
      const head = { devDependencies: { jest: place, other: '2' }, overrides: { x: { jest: place } }, pnpm: { a: 1 } };

      expect(restored(base, head)).toEqual({ devDependencies: { jest: '^29.0.0', other: '2' }, pnpm: { a: 1 } });
    },
  );

  it('lets a package of the base commit stay where it comes from', () => {
    const base = { dependencies: { lib: 'file:lib' } };

    expect(restored(base, { ...base, version: '2.0.0' })).toBeNull();
  });

  it('leaves a file with the same definitions alone, in whatever order, and writes others as they are indented', () => {
    expect(
      restoredManifest('{"scripts":{"a":"1","b":"2"}}', '{ "scripts":   {"b": "2", "a": "1"}, "name": "x" }'),
    ).toBeNull();
    expect(restoredManifest('{"scripts":{"a":"1"}}', '{\n\t"scripts": {}\n}')).toBe(
      '{\n\t"scripts": {\n\t\t"a": "1"\n\t}\n}\n',
    );
  });

  it('makes an object of what is none', () => {
    expect(restoredManifest('{"scripts":{"a":"1"}}', 'x')).toBe('{\n  "scripts": {\n    "a": "1"\n  }\n}\n');
  });
});
