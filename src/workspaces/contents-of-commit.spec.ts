import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeCommitContents } from '../../test/contracts/commit-contents.contract.js';
import { git, startGitWorkspaces, type Bench } from '../../test/support/start-git-workspaces.js';

jest.setTimeout(60_000);

describeCommitContents('GitWorkspaces', async (files) => {
  const bench = await startGitWorkspaces();
  git(bench.person, 'rm', '-rq', '.');
  await bench.push({ ...files });
  return bench;
});

describe('GitWorkspaces, told of the files of commits', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await startGitWorkspaces();
  });

  afterEach(() => bench.stop());

  it('tells of deleted and renamed files and of links, whatever the attributes say', async () => {
    const { workspaces } = bench;
    const workspace = await workspaces.prepare(bench.request());
    const at = (path: string): string => join(workspace.directory, path);
    await rm(at('README.md'));
    await rm(at('src/a.txt'));
    await writeFile(at('src/renamed.txt'), 'a\n');
    await rm(at('src/b.txt'));
    await symlink('renamed.txt', at('src/b.txt'));
    await writeFile(at('.gitattributes'), '* -diff\n');
    const { commit } = await workspaces.capture(workspace, 'work');

    expect(await workspaces.changedFiles(workspace, commit)).toEqual([
      { path: '.gitattributes', change: 'added' },
      { path: 'README.md', change: 'deleted' },
      { path: 'src/a.txt', change: 'deleted' },
      { path: 'src/b.txt', change: 'changed' },
      { path: 'src/renamed.txt', change: 'added' },
    ]);
    expect(await workspaces.diff(workspace, commit)).toContain('+++ b/src/renamed.txt\n@@ -0,0 +1 @@\n+a\n');
  });

  it('tells no diff that is too large', async () => {
    const { workspaces } = bench;
    const workspace = await workspaces.prepare(bench.request());
    await writeFile(join(workspace.directory, 'large.txt'), 'x\n'.repeat(5_000_000));
    const { commit } = await workspaces.capture(workspace, 'work');

    expect(await workspaces.diff(workspace, commit)).toBeNull();
  });

  it('refuses a commit that it does not have', async () => {
    const { workspaces } = bench;
    const workspace = await workspaces.prepare(bench.request());
    const refused = { code: 'WORKSPACES_REQUEST_INVALID' };

    await expect(workspaces.changedFiles(workspace, 'HEAD')).rejects.toMatchObject(refused);
    await expect(workspaces.diff(workspace, 'a'.repeat(40))).rejects.toMatchObject(refused);
  });
});
