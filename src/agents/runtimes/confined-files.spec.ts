import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfinedFiles } from './confined-files.js';

const directories: string[] = [];

afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true })));
});

/** A workspace with a neighbour whose name begins like its own, and a secret beside both. */
async function start() {
  const directory = await mkdtemp(join(tmpdir(), 'confined-'));
  directories.push(directory);
  const workspace = join(directory, 'work');
  await mkdir(join(workspace, '.git'), { recursive: true });
  await mkdir(join(directory, 'work-two'));
  await writeFile(join(directory, 'work-two', 'secret'), 'secret');
  await writeFile(join(directory, 'secret'), 'secret');
  await writeFile(join(workspace, 'a.txt'), 'a');
  return {
    directory,
    workspace,
    files: await ConfinedFiles.in(workspace),
    at: (path: string) => join(workspace, path),
  };
}

const refused = (sentence: string) => ({ code: 'AGENTS_TOOL_REFUSED', message: expect.stringContaining(sentence) });

describe('ConfinedFiles', () => {
  it('reads and writes files of the workspace, by relative and absolute paths', async () => {
    const { files, at } = await start();

    await files.write('new/deep/b.txt', 'grün');
    await files.write(at('a.txt'), 'b');

    expect(await files.read(at('new/deep/../deep/b.txt'))).toBe('grün');
    expect(await readFile(at('a.txt'), 'utf8')).toBe('b');
  });

  it('writes less over more without a rest', async () => {
    const { files } = await start();
    await files.write('a.txt', 'a long text');

    await files.write('a.txt', '');

    expect(await files.read('a.txt')).toBe('');
  });

  it('lists a directory, sorted', async () => {
    const { files } = await start();

    expect(await files.list('.')).toEqual(['.git/', 'a.txt']);
  });

  it.each(['../secret', '/etc/passwd', '..', '../work-two/secret', 'a/../../secret', '../new.txt'])(
    'refuses %s, which lies outside',
    async (path) => {
      const { files } = await start();

      await expect(files.read(path)).rejects.toMatchObject(refused('lies outside the workspace'));
      await expect(files.write(path, 'x')).rejects.toMatchObject(refused('lies outside the workspace'));
      await expect(files.list(path)).rejects.toMatchObject(refused('lies outside the workspace'));
    },
  );

  it('refuses links that lead outside, at the end of a path and on the way', async () => {
    const { files, at, directory } = await start();
    await symlink(join(directory, 'secret'), at('file-link'));
    await symlink(directory, at('folder-link'));
    await symlink(join(directory, 'not-there'), at('future-link'));

    for (const path of ['file-link', 'folder-link/secret', 'folder-link/new.txt', 'folder-link/new/deeper.txt']) {
      await expect(files.read(path)).rejects.toMatchObject(refused('lies outside the workspace'));
      await expect(files.write(path, 'x')).rejects.toMatchObject(refused('lies outside the workspace'));
    }
    await expect(files.write('future-link', 'x')).rejects.toMatchObject(refused('a link that leads nowhere'));
    await expect(files.write('future-link/deeper', 'x')).rejects.toMatchObject(refused('a link that leads nowhere'));
    expect(await readFile(join(directory, 'secret'), 'utf8')).toBe('secret');
  });

  it('follows links that stay inside', async () => {
    const { files, at } = await start();
    await symlink('a.txt', at('inner'));

    await files.write('inner', 'through');

    expect(await files.read('a.txt')).toBe('through');
  });

  it('works in a workspace that is reached by a link', async () => {
    const { directory, workspace } = await start();
    await symlink(workspace, join(directory, 'linked'));

    const files = await ConfinedFiles.in(join(directory, 'linked'));

    expect(await files.read('a.txt')).toBe('a');
    expect(files.relative(await files.locate('.'))).toBe('.');
    expect(files.relative(await files.locate('x/y'))).toBe('x/y');
  });

  it.each(['.git/config', '.git', 'sub/.git/hooks/pre-commit', '.GIT/config'])(
    'writes nothing of git: %s',
    async (path) => {
      const { files } = await start();

      await expect(files.write(path, 'x')).rejects.toMatchObject(refused('belongs to git'));
    },
  );

  it('writes nothing of git through a link either', async () => {
    const { files, at } = await start();
    await symlink('.git', at('innocent'));

    await expect(files.write('innocent/config', 'x')).rejects.toMatchObject(refused('belongs to git'));
  });

  it('opens regular files only, and waits for nobody at a pipe', async () => {
    const { files, at } = await start();
    execFileSync('mkfifo', [at('pipe')]);
    await mkdir(at('folder'));

    await expect(files.read('pipe')).rejects.toMatchObject(refused('is not a regular file'));
    await expect(files.write('pipe', 'x')).rejects.toMatchObject(refused('is not a regular file'));
    await expect(files.read('folder')).rejects.toMatchObject(refused('is not a regular file'));
    await expect(files.write('folder', 'x')).rejects.toMatchObject(refused('is a directory'));
    await expect(files.list('a.txt')).rejects.toMatchObject(refused('lies under a file'));
    await expect(files.write('a.txt/b', 'x')).rejects.toMatchObject(refused('lies under a file'));
  });

  it('does not write to a file that has a second name', async () => {
    const { files, at, directory } = await start();
    await link(join(directory, 'secret'), at('hard'));

    await expect(files.write('hard', 'x')).rejects.toMatchObject(refused('several hard links'));
    expect(await readFile(join(directory, 'secret'), 'utf8')).toBe('secret');
  });

  it('keeps to files of a size a model can use', async () => {
    const { files, at } = await start();
    await truncate(at('a.txt'), 3 * 1024 * 1024);

    await expect(files.read('a.txt')).rejects.toMatchObject(refused('3145728 bytes'));
    await expect(files.write('b.txt', 'x'.repeat(2 * 1024 * 1024 + 1))).rejects.toMatchObject(refused('2097153 bytes'));
    await expect(files.read('b.txt')).rejects.toMatchObject(refused('does not exist'));
  });

  it('does not read what is no text', async () => {
    const { files, at } = await start();
    await writeFile(at('image'), Buffer.from([1, 0, 2]));

    await expect(files.read('image')).rejects.toMatchObject(refused('is binary'));
  });

  it('explains links in a circle, impossible names and anything else', async () => {
    const { files, at } = await start();
    await symlink('circle', at('circle'));

    await expect(files.read('circle')).rejects.toMatchObject(refused('leads in a circle'));
    await expect(files.read('x'.repeat(300))).rejects.toMatchObject(refused('too long a name'));
    await expect(files.read('a\0b')).rejects.toMatchObject(refused('could not be opened (ERR_INVALID_ARG_VALUE)'));
  });

  it('works in a directory only', async () => {
    const { at } = await start();
    await chmod(at('a.txt'), 0o600);

    await expect(ConfinedFiles.in(at('a.txt'))).rejects.toMatchObject(refused('is not a directory'));
    await expect(ConfinedFiles.in(at('missing'))).rejects.toMatchObject(refused('does not exist'));
  });
});
