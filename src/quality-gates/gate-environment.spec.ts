import { access, chmod, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clearGateEnvironments, makeGateEnvironment, removeGateEnvironment } from './gate-environment.js';

describe('the environment of gates', () => {
  it('holds what is named and nothing of this process', async () => {
    const environment = await makeGateEnvironment('/bin', { REGISTRY: 'https://a', CI: '1' });

    expect(environment.variables).toEqual({
      PATH: '/bin',
      HOME: join(environment.folder, 'home'),
      TMPDIR: join(environment.folder, 'tmp'),
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      CI: '1',
      MAVEN_OPTS: `-Duser.home=${join(environment.folder, 'home')}`,
      GRADLE_USER_HOME: join(environment.folder, 'home', '.gradle'),
      REGISTRY: 'https://a',
    });
    expect((await readdir(environment.folder)).sort()).toEqual(['home', 'tmp']);
    expect((await stat(environment.folder)).mode & 0o077).toBe(0);
    await removeGateEnvironment(environment);
    await expect(access(environment.folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('lies in a place of its own, which is cleared of what was left there', async () => {
    const place = await mkdtemp(join(tmpdir(), 'gates-'));
    const environment = await makeGateEnvironment('/bin', {}, join(place, 'gates'));
    await chmod(join(environment.folder, 'home'), 0o500);

    expect(environment.folder.startsWith(await realpath(join(place, 'gates')))).toBe(true);
    await clearGateEnvironments(join(place, 'gates'));
    expect(await readdir(join(place, 'gates'))).toEqual([]);
    await clearGateEnvironments(join(place, 'nowhere'));
    await rm(place, { recursive: true });
  });

  it('is removed with its read-only folders, and without what links in it point to', async () => {
    const kept = await makeGateEnvironment('/bin', {});
    const environment = await makeGateEnvironment('/bin', {});
    const cache = join(environment.folder, 'home', 'cache');
    await mkdir(cache);
    await writeFile(join(cache, 'file'), '');
    await symlink(kept.folder, join(cache, 'link'));
    await chmod(cache, 0o500);

    await removeGateEnvironment(environment);

    await expect(access(environment.folder)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(kept.folder)).toHaveLength(2);
    await removeGateEnvironment(kept);
  });
});
