import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { holdProgramLinks } from './program-links.js';

describe('holdProgramLinks', () => {
  let checkout: string;
  let modules: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'program-links-'));
    modules = join(checkout, 'node_modules');
    await mkdir(join(modules, '.bin'), { recursive: true });
  });

  afterEach(() => rm(checkout, { recursive: true }));

  async function install(name: string, bin: unknown): Promise<void> {
    const manifest = join(modules, name, 'package.json');
    await mkdir(dirname(manifest), { recursive: true });
    await writeFile(manifest, JSON.stringify({ name, bin }));
  }
  const link = (program: string, target: string): Promise<void> => symlink(target, join(modules, '.bin', program));
  const linked = (program: string): Promise<string> => readlink(join(modules, '.bin', program));

  it('links the programs of the packages again that another package took', async () => {
    await install('jest', { jest: './bin/jest.js' });
    await install('@a/runner', 'run.js');
    await install('evil', { jest: 'evil.js', runner: 'evil.js' });
    await link('jest', '../evil/evil.js');
    await link('runner', '../evil/evil.js');

    await holdProgramLinks(modules, ['jest', '@a/runner', 'missing']);

    expect([await linked('jest'), await linked('runner')]).toEqual(['../jest/bin/jest.js', '../@a/runner/run.js']);
  });

  it('leaves what is right, what is no link, and what either of two packages may have', async () => {
    await install('one', { shared: 'one.js', script: 'script.js', absent: 'absent.js', '../odd': 'x', odd: 1 });
    await install('two', { shared: './two.js' });
    await link('shared', '../two/./two.js');
    await writeFile(join(modules, '.bin/script'), 'written by pnpm');

    await holdProgramLinks(modules, ['one', 'two']);

    expect(await linked('shared')).toBe('../two/./two.js');
    expect(await readFile(join(modules, '.bin/script'), 'utf8')).toBe('written by pnpm');
    await expect(linked('absent')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('asks a package of the repository behind its link, and none that is elsewhere', async () => {
    await install('real', { tool: 'x.js' });
    await symlink('real', join(modules, 'alias'));
    await symlink('/', join(modules, 'far'));
    await link('tool', '../evil/evil.js');

    await holdProgramLinks(modules, ['far']);
    expect(await linked('tool')).toBe('../evil/evil.js');
    await holdProgramLinks(modules, ['alias']);
    expect(await linked('tool')).toBe('../alias/x.js');
  });
});
