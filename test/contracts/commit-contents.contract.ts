import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace, Workspaces } from '../../src/orchestration/index.js';
import { readDiffHunks } from '../../src/quality-gates/index.js';

/** Workspaces whose repositories have some files at their base commit. */
export interface ContentsBench {
  readonly workspaces: Pick<Workspaces, 'prepare' | 'capture' | 'listBaseFiles' | 'changedFiles' | 'diff'>;
  stop(): Promise<void>;
}

/** What Workspaces must tell of the files of a commit. Call it once for each implementation. */
export function describeCommitContents(
  name: string,
  start: (baseFiles: Readonly<Record<string, string>>) => Promise<ContentsBench>,
): void {
  describe(`${name}, told of the files of commits`, () => {
    let bench: ContentsBench;
    let workspace: Workspace;

    beforeEach(async () => {
      bench = await start({ 'a.txt': 'one\ntwo\n', 'folder/b é.txt': 'b\n' });
      const issue = { owner: 'acme', repo: 'app', number: 7 };
      workspace = await bench.workspaces.prepare({ issue, title: 'Fix', baseBranch: null, baseCommit: null });
    });

    afterEach(() => bench.stop());

    it('lists the files of the base commit', async () => {
      expect([...(await bench.workspaces.listBaseFiles(workspace))].sort()).toEqual(['a.txt', 'folder/b é.txt']);
    });

    it('tells which files a commit changes and adds, and which lines it writes', async () => {
      await mkdir(join(workspace.directory, 'new'), { recursive: true });
      await writeFile(join(workspace.directory, 'a.txt'), 'one\nTWO\nthree\n');
      await writeFile(join(workspace.directory, 'new', 'c ü.txt'), 'c\n');
      const { commit } = await bench.workspaces.capture(workspace, 'work');

      const changed = await bench.workspaces.changedFiles(workspace, commit);
      const hunks = readDiffHunks((await bench.workspaces.diff(workspace, commit)) ?? '');

      expect([...changed].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'a.txt', change: 'changed' },
        { path: 'new/c ü.txt', change: 'added' },
      ]);
      expect(hunks).toContainEqual(expect.objectContaining({ path: 'new/c ü.txt', start: 1, count: 1 }));
      expect(hunks.some(({ path, start, count }) => path === 'a.txt' && start <= 2 && start + count === 4)).toBe(true);
    });

    it('tells of nothing where nothing is changed', async () => {
      const { baseCommit } = workspace;

      expect(await bench.workspaces.changedFiles(workspace, baseCommit)).toEqual([]);
      expect(await bench.workspaces.diff(workspace, baseCommit)).toBe('');
    });
  });
}
