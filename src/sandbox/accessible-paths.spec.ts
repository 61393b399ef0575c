import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { accessiblePaths } from './accessible-paths.js';

describe('accessiblePaths', () => {
  let folder: string;
  const at = (...path: string[]): string => join(folder, ...path);
  const make = (...path: string[]): string => {
    mkdirSync(at(...path), { recursive: true });
    return at(...path);
  };
  const shown = (...given: Parameters<typeof accessiblePaths>): string[] =>
    accessiblePaths(...given).map(
      ({ source, path, isWritable }) =>
        `${isWritable ? 'write' : 'read'} ${path.slice(folder.length)}${source === path ? '' : ` from ${source.slice(folder.length)}`}`,
    );

  beforeEach(() => {
    folder = realpathSync(makeTemporaryFolder().path);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('puts the inner after the outer, whichever may be written', () => {
    const [outer, inner, innermost] = [make('b'), make('b', 'in'), make('b', 'in', 'most')];
    make('a', 'long', 'way');

    expect(shown({ writable: [inner, at('a/long/way')], readable: [innermost, outer] })).toEqual([
      'read /b',
      'write /b/in',
      'write /a/long/way',
      'read /b/in/most',
    ]);
  });

  it('lets what may be read and written be written', () => {
    const both = make('both');

    expect(shown({ writable: [both, `${both}/`], readable: [both] }, [both])).toEqual(['write /both']);
  });

  it('leaves out what may be read and is missing, and the whole machine', () => {
    writeFileSync(at('file'), '');

    expect(shown({ writable: [], readable: [at('gone'), '/', at('file')] }, [at('gone, too')])).toEqual(['read /file']);
  });

  it('shows what is reached through a link under both names', () => {
    make('real', 'workspace');
    symlinkSync('real', at('link'));
    symlinkSync(at('real'), at('jdk'));

    expect(shown({ writable: [at('link/workspace')], readable: [at('jdk')] })).toEqual([
      'read /jdk from /real',
      'read /real',
      'write /link/workspace from /real/workspace',
      'write /real/workspace',
    ]);
  });

  it('opens nothing that a confined program can have made a link to', () => {
    const [workspace, secret] = [make('workspace'), make('secret')];
    symlinkSync(secret, at('workspace', 'cache'));
    mkdirSync(join(secret, 'inner'));

    expect(shown({ writable: [workspace], readable: [at('workspace/cache'), at('workspace/cache/inner')] })).toEqual([
      'write /workspace',
    ]);
    const refused = expect.objectContaining({ code: 'COMMAND_RUNNER_CONFINEMENT_REFUSED' });
    expect(() => accessiblePaths({ writable: [workspace, at('workspace/cache')] })).toThrow(refused);
    expect(() => accessiblePaths({ writable: [workspace, at('workspace/cache/inner')] })).toThrow(refused);
    expect(shown({ writable: [workspace, make('workspace', 'own')] })).toEqual([
      'write /workspace',
      'write /workspace/own',
    ]);
  });

  it('refuses to open for writing what is missing, no directory, the whole machine or not absolute', () => {
    writeFileSync(at('file'), '');

    for (const path of [at('gone'), at('file'), '/', 'relative']) {
      expect(() => accessiblePaths({ writable: [path] })).toThrow(
        expect.objectContaining({ code: 'COMMAND_RUNNER_CONFINEMENT_REFUSED' }),
      );
    }
  });
});
