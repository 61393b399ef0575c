import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TOKEN, git, startGitWorkspaces, type Bench } from '../../test/support/start-git-workspaces.js';
import type { Workspaces } from '../orchestration/ports/workspaces.port.js';
import type { Workspace } from './workspaces.types.js';

const BRANCH = 'coordinator/7-fix-the-parser';

// Every case runs some thirty programs, which takes its time on a busy machine.
jest.setTimeout(60_000);

describe('GitWorkspaces', () => {
  let bench: Bench;
  /** As orchestration sees it: the compiler checks that the shapes agree. */
  let workspaces: Workspaces;

  beforeEach(async () => {
    bench = await startGitWorkspaces();
    workspaces = bench.workspaces;
  });

  afterEach(() => bench.stop());

  const write = (workspace: Workspace, path: string, text: string | Uint8Array): Promise<void> =>
    writeFile(join(workspace.directory, path), text);
  const fileOf = (commit: string, path: string): string => git(bench.mirror, 'show', `${commit}:${path}`);
  const forgeCommit = (branch = BRANCH): string => git(bench.repository, 'rev-parse', '--verify', branch);
  const withoutToken = (): Workspaces => bench.restart({ token: null });

  describe('prepare', () => {
    it('makes a clone on the branch of the issue, from the newest commit of the default branch', async () => {
      const workspace = await workspaces.prepare(bench.request());

      expect(workspace).toMatchObject({ branch: BRANCH, baseBranch: 'main', baseCommit: bench.base });
      expect(await readFile(join(workspace.directory, 'README.md'), 'utf8')).toBe('hello\n');
      expect(git(workspace.directory, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${BRANCH}`);
      expect(git(workspace.directory, 'log', '--format=%H')).toBe(bench.base);
      expect(git(workspace.directory, 'status', '--porcelain')).toBe('');
      expect(git(workspace.directory, 'rev-parse', 'origin/main')).toBe(bench.base);
      expect(git(workspace.directory, 'remote')).toBe('');
      expect((await lstat(workspace.agentHome)).isDirectory()).toBe(true);
      expect(workspace.agentHome.startsWith(workspace.directory)).toBe(false);
    });

    it('keeps to the branch and the commit that are asked for', async () => {
      const release = await bench.push({ 'README.md': 'release\n' }, 'release/1.x');
      await bench.push({ 'README.md': 'later\n' }, 'release/1.x');

      const workspace = await workspaces.prepare(bench.request({ baseBranch: 'release/1.x', baseCommit: release }));

      expect(workspace).toMatchObject({ baseBranch: 'release/1.x', baseCommit: release });
      expect(await readFile(join(workspace.directory, 'README.md'), 'utf8')).toBe('release\n');
    });

    it('finds a workspace again with the work in it, also after a restart and without the forge', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      await bench.push({ 'README.md': 'moved on\n' });
      const asked = bench.server.requests.length;

      const again = await bench.restart().prepare(bench.request({ title: 'Another title' }));

      expect(again).toEqual(workspace);
      expect(await readFile(join(again.directory, 'README.md'), 'utf8')).toBe('work\n');
      expect(bench.server.requests).toHaveLength(asked);
    });

    it('makes one workspace when it is asked twice at once, and one mirror for several issues', async () => {
      const other = { owner: 'acme', repo: 'app', number: 8 };

      const [first, second, third] = await Promise.all([
        workspaces.prepare(bench.request()),
        workspaces.prepare(bench.request()),
        workspaces.prepare(bench.request({ issue: other })),
      ]);

      expect(second).toEqual(first);
      expect(third.directory).not.toBe(first.directory);
      expect(await readdir(join(bench.root, 'mirrors', 'acme'))).toEqual(['app.git']);
    });

    it('takes owner and repository for the same in any case', async () => {
      const first = await workspaces.prepare(bench.request());

      const second = await workspaces.prepare(bench.request({ issue: { owner: 'ACME', repo: 'App', number: 7 } }));

      expect(second.directory).toBe(first.directory);
    });

    it.each(['workspace.json', 'tree'])('makes a workspace anew that lacks its %s', async (part) => {
      const workspace = await workspaces.prepare(bench.request());
      await rm(join(workspace.directory, '..', part), { recursive: true });

      const again = await workspaces.prepare(bench.request());

      expect(await readFile(join(again.directory, 'README.md'), 'utf8')).toBe('hello\n');
    });

    it('makes a workspace anew whose record was not written to the end', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, '../workspace.json', '{"issue":"acme/app#7","bra');

      expect(await workspaces.prepare(bench.request())).toEqual(workspace);
    });

    it('goes on after a crash in the middle of making one', async () => {
      const workspace = await workspaces.prepare(bench.request());
      const directory = join(workspace.directory, '..');
      await rename(directory, `${directory}.making`);

      expect(await workspaces.prepare(bench.request())).toEqual(workspace);
      expect(existsSync(`${directory}.making`)).toBe(false);
    });

    it('goes on after a crash in the middle of making a mirror, and with locks of a killed git', async () => {
      await workspaces.prepare(bench.request());
      await workspaces.prepare(bench.request());
      await writeFile(join(bench.mirror, 'packed-refs.lock'), '');
      const reference =
        git(bench.mirror, 'for-each-ref', '--format=%(refname)', 'refs/coordinator').split('\n')[0] ?? '';
      await writeFile(join(bench.mirror, `${reference}.lock`), '');

      const again = bench.restart();
      await again.remove(bench.request().issue);
      expect(git(bench.mirror, 'for-each-ref', 'refs/coordinator')).toBe('');

      await rm(join(bench.mirror, 'HEAD'));
      await mkdir(`${bench.mirror}.making`);
      expect(await bench.restart().prepare(bench.request())).toMatchObject({ baseCommit: bench.base });
    });

    it('makes a workspace anew when the mirror was lost', async () => {
      await workspaces.prepare(bench.request());
      await rm(bench.mirror, { recursive: true });

      const again = await workspaces.prepare(bench.request());

      expect(git(again.directory, 'log', '--format=%H')).toBe(bench.base);
    });

    it.each(['nothing', 'a link', 'a file'])(
      'gives the tree a repository again when .git has become %s',
      async (what) => {
        const workspace = await workspaces.prepare(bench.request());
        await write(workspace, 'README.md', 'work\n');
        const dotGit = join(workspace.directory, '.git');
        await rename(dotGit, `${dotGit}-away`);
        if (what === 'a link') await symlink(`${dotGit}-away`, dotGit);
        if (what === 'a file') await writeFile(dotGit, `gitdir: ${dotGit}-away`);

        await workspaces.prepare(bench.request());

        expect((await lstat(dotGit)).isDirectory()).toBe(true);
        expect(git(workspace.directory, 'diff', '--name-only')).toBe('README.md');
        expect(existsSync(`${dotGit}-away`)).toBe(true);
      },
    );

    it('makes a workspace anew for another base', async () => {
      const first = await workspaces.prepare(bench.request());
      await write(first, 'README.md', 'work\n');
      await workspaces.capture(first, 'work');
      const newer = await bench.push({ 'src/a.txt': 'newer\n' });
      await bench.push({ 'README.md': 'release\n' }, 'release');

      const pinned = await workspaces.prepare(bench.request({ baseCommit: newer }));
      await write(pinned, 'README.md', 'work\n');
      const { commit } = await workspaces.capture(pinned, 'work');
      const moved = await workspaces.prepare(bench.request({ baseBranch: 'release' }));

      expect(pinned.baseCommit).toBe(newer);
      expect(git(bench.mirror, 'rev-parse', `${commit}^`)).toBe(newer);
      expect(moved.baseBranch).toBe('release');
      await expect(workspaces.capture(first, 'work')).rejects.toMatchObject({ code: 'WORKSPACES_MISSING' });
    });

    it('does not call a commit missing when the forge could not be asked for it', async () => {
      bench.server.fault = (request) =>
        request.startsWith('POST') && bench.server.requests.length > 4 ? 'fail' : null;
      const gone = bench.request({ baseCommit: 'f'.repeat(40) });

      await expect(workspaces.prepare(gone)).rejects.toMatchObject({ code: 'WORKSPACES_FORGE_UNREACHABLE' });
    });

    it('goes on from what was published, under the branch it is on, though the title was changed since', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'published\n');
      const { commit } = await workspaces.capture(workspace, 'work');
      await workspaces.publish(workspace, commit, null);
      await workspaces.remove(workspace.issue);

      const again = await workspaces.prepare(bench.request({ title: 'Something else' }));

      expect(again).toMatchObject({ branch: BRANCH, baseCommit: bench.base });
      expect(git(again.directory, 'rev-parse', 'HEAD')).toBe(commit);
      expect(await readFile(join(again.directory, 'README.md'), 'utf8')).toBe('published\n');
    });

    it('starts from the base when the branch at the forge does not build on it', async () => {
      await bench.push({ 'README.md': 'of old\n' }, BRANCH);
      git(bench.person, 'checkout', '-q', '--orphan', 'fresh');
      const fresh = await bench.push({ 'README.md': 'fresh\n' });

      const workspace = await workspaces.prepare(bench.request());

      expect(git(workspace.directory, 'rev-parse', 'HEAD')).toBe(fresh);
    });

    it('finds a pinned commit that left its branch', async () => {
      git(bench.person, 'reset', '-q', '--hard', 'HEAD');
      const dropped = await bench.push({ 'README.md': 'dropped\n' });
      git(bench.person, 'reset', '-q', '--hard', bench.base);
      await bench.push({});

      const workspace = await workspaces.prepare(bench.request({ baseCommit: dropped }));

      expect(await readFile(join(workspace.directory, 'README.md'), 'utf8')).toBe('dropped\n');
    });

    it('says what is missing to start from', async () => {
      const missing = { code: 'WORKSPACES_BASE_MISSING' };

      await expect(workspaces.prepare(bench.request({ baseBranch: 'gone' }))).rejects.toMatchObject(missing);
      await expect(workspaces.prepare(bench.request({ baseCommit: 'f'.repeat(40) }))).rejects.toMatchObject(missing);
      git(bench.repository, 'symbolic-ref', 'HEAD', 'refs/heads/unborn');
      await expect(workspaces.prepare(bench.request())).rejects.toMatchObject(missing);
    });

    it('tells why the forge gave nothing', async () => {
      const issue = { owner: 'acme', repo: 'secret', number: 1 };
      await expect(workspaces.prepare(bench.request({ issue }))).rejects.toMatchObject({
        code: 'WORKSPACES_REPOSITORY_MISSING',
      });

      for (const [fault, code] of [
        ['refuse', 'WORKSPACES_FORGE_ACCESS'],
        ['fail', 'WORKSPACES_FORGE_UNREACHABLE'],
        ['redirect', 'WORKSPACES_FORGE_UNREACHABLE'],
        ['cut', 'WORKSPACES_FORGE_UNREACHABLE'],
      ] as const) {
        bench.server.fault = () => fault;
        await expect(workspaces.prepare(bench.request())).rejects.toMatchObject({ code });
      }
    });

    it('does not find a forge that is not there', async () => {
      const elsewhere = bench.restart({ giteaUrl: 'http://127.0.0.1:1/git' });

      await expect(elsewhere.prepare(bench.request())).rejects.toMatchObject({ code: 'WORKSPACES_FORGE_UNREACHABLE' });
    });

    it('sends the token to the forge and shows it to nobody else', async () => {
      await workspaces.prepare(bench.request());

      expect(bench.server.lastHeaders().authorization).toBe(bench.server.authorization);
      const secrets = `${TOKEN}|${bench.server.authorization?.slice('Basic '.length)}`;
      const search = spawnSync('grep', ['-rlE', secrets, bench.root], { encoding: 'utf8' });
      expect(search).toMatchObject({ status: 1, stdout: '', stderr: '' });
    });

    it('comes without a token when it has none', async () => {
      await withoutToken().prepare(bench.request());

      expect(bench.server.lastHeaders().authorization).toBeUndefined();
    });
  });

  describe('capture', () => {
    it('is the base commit while nothing was changed', async () => {
      const workspace = await workspaces.prepare(bench.request());

      expect(await workspaces.capture(workspace, 'work')).toEqual({
        commit: bench.base,
        tree: git(bench.mirror, 'rev-parse', `${bench.base}^{tree}`),
        isChanged: false,
        diffStat: '',
      });
    });

    it('takes new, changed, deleted, renamed and executable files and links into one commit on the base', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'changed\n');
      await write(workspace, 'run.sh', '#!/bin/sh\n');
      await chmod(join(workspace.directory, 'run.sh'), 0o755);
      await rm(join(workspace.directory, 'src/a.txt'));
      await rename(join(workspace.directory, 'src/b.txt'), join(workspace.directory, 'größe c.txt'));
      await symlink('/etc/passwd', join(workspace.directory, 'link'));

      const captured = await workspaces.capture(workspace, 'Fix the parser\n\nCloses #7\n');

      expect(captured.isChanged).toBe(true);
      expect(captured.diffStat).toMatch(/README\.md .*5 files changed/s);
      expect(
        git(
          bench.mirror,
          '-c',
          'core.quotePath=off',
          'ls-tree',
          '-r',
          '--format=%(objectmode) %(path)',
          captured.commit,
        ),
      ).toBe(['100644 README.md', '100644 größe c.txt', '120000 link', '100755 run.sh'].join('\n'));
      expect(git(bench.mirror, 'show', '-s', '--format=%P|%an <%ae>|%cn <%ce>|%at|%ct|%B', captured.commit)).toBe(
        [
          bench.base,
          'Mosaic Coordinator <mosaic-coordinator@localhost>',
          'Mosaic Coordinator <mosaic-coordinator@localhost>',
          '1700000000',
          '1700000000',
          'Fix the parser\n\nCloses #7',
        ].join('|'),
      );
    });

    it('gives the same commit for the same tree, at another time and after a restart', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      const first = await workspaces.capture(workspace, 'work');
      bench.clock.advance(60_000);

      expect(await workspaces.capture(workspace, 'work')).toEqual(first);
      expect(await bench.restart().capture(workspace, 'another message')).toEqual(first);
    });

    it('gives another commit for another tree, and one for the same files elsewhere', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'one\n');
      const one = await workspaces.capture(workspace, 'work');
      await write(workspace, 'README.md', 'two\n');
      const two = await workspaces.capture(workspace, 'work');

      expect(two.commit).not.toBe(one.commit);
      expect(fileOf(two.commit, 'README.md')).toBe('two');
      expect(git(bench.mirror, 'rev-parse', `${two.commit}^`)).toBe(bench.base);
    });

    it('sees a change that keeps size and time of a file', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work1\n');
      await workspaces.capture(workspace, 'work');
      execFileSync(
        'sh',
        ['-c', 'cp -p README.md ../old && printf "work2\\n" > README.md && touch -r ../old README.md'],
        {
          cwd: workspace.directory,
        },
      );

      expect(fileOf((await workspaces.capture(workspace, 'work')).commit, 'README.md')).toBe('work2');
    });

    it('takes what the agent committed, staged and stashed for what is in the files', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'committed\n');
      git(workspace.directory, 'commit', '-qam', 'mine');
      git(workspace.directory, 'checkout', '-q', '-b', 'elsewhere');
      await write(workspace, 'new.txt', 'new\n');
      git(workspace.directory, 'add', 'new.txt');
      await rm(join(workspace.directory, 'new.txt'));

      const { commit } = await workspaces.capture(workspace, 'work');

      expect(fileOf(commit, 'README.md')).toBe('committed');
      expect(git(bench.mirror, 'ls-tree', '-r', '--name-only', commit)).not.toContain('new.txt');
      expect(git(bench.mirror, 'rev-parse', `${commit}^`)).toBe(bench.base);
    });

    it('is what it was when the agent takes everything back', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      await workspaces.capture(workspace, 'work');
      await write(workspace, 'README.md', 'hello\n');

      expect(await workspaces.capture(workspace, 'work')).toMatchObject({ commit: bench.base, isChanged: false });
    });

    it('leaves out what .gitignore names, whatever was captured before', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'build.log', 'noise\n');
      await workspaces.capture(workspace, 'work');
      await write(workspace, '.gitignore', '*.log\n');

      const { commit } = await workspaces.capture(workspace, 'work');

      expect(git(bench.mirror, 'ls-tree', '-r', '--name-only', commit).split('\n')).toEqual([
        '.gitignore',
        'README.md',
        'src/a.txt',
        'src/b.txt',
      ]);
    });

    it('goes on from what was published', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'one\n');
      const one = await workspaces.capture(workspace, 'work');
      await workspaces.publish(workspace, one.commit, null);

      expect(await workspaces.capture(workspace, 'work')).toEqual(one);
      await write(workspace, 'README.md', 'two\n');
      const two = await workspaces.capture(workspace, 'work');

      expect(git(bench.mirror, 'rev-parse', `${two.commit}^`)).toBe(one.commit);
      expect(two.diffStat).toMatch(/1 file changed, 1 insertion\(\+\), 1 deletion/);
    });

    it('begins with a new index when the kept one is broken or locked', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      await workspaces.capture(workspace, 'work');
      await write(workspace, '../index', 'broken');
      await write(workspace, '../index.lock', '');

      expect((await workspaces.capture(workspace, 'work')).isChanged).toBe(true);
    });

    it('bounds the diff stat', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await mkdir(join(workspace.directory, 'many'));
      for (let n = 0; n < 300; n += 1) await write(workspace, `many/${'x'.repeat(90)}${n}`, 'x\n');

      const { diffStat } = await workspaces.capture(workspace, 'work');

      expect(diffStat.length).toBeLessThan(17_000);
      expect(diffStat).toContain('300 files changed');
    });

    it('keeps a message free of what git refuses', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');

      const { commit } = await workspaces.capture(workspace, '-m "a\0b" --amend');

      expect(git(bench.mirror, 'show', '-s', '--format=%B', commit)).toBe('-m "ab" --amend');
    });

    it('says that a workspace is not there', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await workspaces.remove(workspace.issue);
      await expect(workspaces.capture(workspace, 'work')).rejects.toMatchObject({ code: 'WORKSPACES_MISSING' });

      const again = await workspaces.prepare(bench.request());
      await rename(again.directory, `${again.directory}-away`);
      await symlink(`${again.directory}-away`, again.directory);
      await expect(workspaces.capture(again, 'work')).rejects.toMatchObject({ code: 'WORKSPACES_MISSING' });
    });
  });

  describe('checkout', () => {
    it('holds exactly the files of the commit, as a repository of that commit alone', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      const { commit } = await workspaces.capture(workspace, 'work');
      await write(workspace, 'README.md', 'later\n');

      const checkout = await workspaces.checkout(workspace, commit);

      expect(await readFile(join(checkout.directory, 'README.md'), 'utf8')).toBe('work\n');
      expect(git(checkout.directory, 'log', '--format=%H')).toBe(commit);
      expect(git(checkout.directory, 'status', '--porcelain')).toBe('');
      expect(git(checkout.directory, 'remote')).toBe('');
      expect(existsSync(join(checkout.directory, '.git/objects/info/alternates'))).toBe(false);
      expect(spawnSync('grep', ['-rlF', `${bench.root}/mirrors`, checkout.directory]).status).toBe(1);
      await checkout.remove();
      expect(existsSync(checkout.directory)).toBe(false);
    });

    it('makes a new directory each time, and clears what a crash left', async () => {
      const workspace = await workspaces.prepare(bench.request());

      const [one, two] = await Promise.all([
        workspaces.checkout(workspace, bench.base),
        workspaces.checkout(workspace, bench.base),
      ]);

      expect(one.directory).not.toBe(two.directory);
      await workspaces.prepare(bench.request());
      expect(existsSync(one.directory)).toBe(false);
    });

    it('refuses what is no commit of its own', async () => {
      const workspace = await workspaces.prepare(bench.request());
      const invalid = { code: 'WORKSPACES_REQUEST_INVALID' };

      for (const commit of ['f'.repeat(40), 'HEAD', '--upload-pack=touch /tmp/x', '']) {
        await expect(workspaces.checkout(workspace, commit)).rejects.toMatchObject(invalid);
      }
    });
  });

  describe('readBaseFile', () => {
    it('reads the base commit, whatever the tree has become', async () => {
      await bench.push({ '.mosaic/coordinator.yml': 'gates: größe\n' });
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, '.mosaic/coordinator.yml', 'gates: none\n');

      expect(await workspaces.readBaseFile(workspace, '.mosaic/coordinator.yml')).toBe('gates: größe\n');
    });

    it('is null for what is no regular file', async () => {
      await symlink('README.md', join(bench.person, 'link'));
      await bench.push({});
      const workspace = await workspaces.prepare(bench.request());

      const paths = ['missing', 'src', 'src/', 'link', '.', '', '..', '../README.md', '/README.md', 'src/../README.md'];
      const odd = ['--help', ':/README.md', ':(top)README.md', '*.md', 'README.md\0', 'src\\a.txt', '-z'];
      for (const path of [...paths, ...odd]) expect(await workspaces.readBaseFile(workspace, path)).toBeNull();
    });

    it('refuses a file that is too large, rather than calling it missing', async () => {
      await bench.push({ 'large.yml': 'x'.repeat(1_000_001) });
      const workspace = await workspaces.prepare(bench.request());

      await expect(workspaces.readBaseFile(workspace, 'large.yml')).rejects.toMatchObject({
        code: 'WORKSPACES_REQUEST_INVALID',
      });
    });
  });

  describe('publish', () => {
    const prepared = async (on = workspaces, text = 'work\n') => {
      const workspace = await on.prepare(bench.request());
      await write(workspace, 'README.md', text);
      const { commit } = await on.capture(workspace, 'work');
      return { workspace, commit };
    };

    it('pushes a new branch, then what follows on it', async () => {
      const { workspace, commit } = await prepared();
      await workspaces.publish(workspace, commit, null);
      expect(forgeCommit()).toBe(commit);

      const next = await prepared(workspaces, 'more\n');
      await workspaces.publish(workspace, next.commit, commit);

      expect(forgeCommit()).toBe(next.commit);
      expect(forgeCommit('main')).toBe(bench.base);
    });

    it('changes nothing when it is repeated', async () => {
      const { workspace, commit } = await prepared();
      await workspaces.publish(workspace, commit, null);

      await workspaces.publish(workspace, commit, null);
      await bench.restart().publish(workspace, commit, 'f'.repeat(40));

      expect(forgeCommit()).toBe(commit);
    });

    it('can be repeated after the answer to a push was lost', async () => {
      const { workspace, commit } = await prepared();
      bench.server.fault = (request) => (request.startsWith('POST') && request.includes('receive-pack') ? 'cut' : null);
      await expect(workspaces.publish(workspace, commit, null)).rejects.toMatchObject({
        code: 'WORKSPACES_FORGE_UNREACHABLE',
      });
      expect(forgeCommit()).toBe(commit);
      bench.server.fault = null;

      await workspaces.publish(workspace, commit, null);

      expect(await workspaces.capture(workspace, 'work')).toMatchObject({ commit });
    });

    it('refuses when the branch is not where it was left', async () => {
      const { workspace, commit } = await prepared();
      const moved = { code: 'WORKSPACES_BRANCH_MOVED' };
      const theirs = await bench.push({ 'README.md': 'theirs\n' }, BRANCH);

      await expect(workspaces.publish(workspace, commit, null)).rejects.toMatchObject(moved);
      await expect(workspaces.publish(workspace, commit, bench.base)).rejects.toMatchObject(moved);

      expect(forgeCommit()).toBe(theirs);
    });

    /** The forge does this with each push before it looks at its branches. */
    async function duringAPush(commands: string): Promise<void> {
      const hook = join(bench.repository, 'hooks', 'pre-receive');
      await mkdir(join(hook, '..'), { recursive: true });
      await writeFile(hook, `#!/bin/sh\nunset GIT_QUARANTINE_PATH\n${commands}\n`, { mode: 0o755 });
    }

    it('is content where an earlier push of the same commit gets ahead of it', async () => {
      const { workspace, commit } = await prepared();
      await workspaces.publishDraft(workspace, commit, null);
      await duringAPush(`git update-ref refs/heads/${BRANCH} ${commit}`);

      await workspaces.publish(workspace, commit, null);

      expect(forgeCommit()).toBe(commit);
      expect(await workspaces.capture(workspace, 'work')).toMatchObject({ commit });
    });

    it('refuses where a push of another commit gets ahead of it', async () => {
      const { workspace, commit } = await prepared();
      await duringAPush(`git update-ref refs/heads/${BRANCH} ${bench.base}`);

      await expect(workspaces.publish(workspace, commit, null)).rejects.toMatchObject({
        code: 'WORKSPACES_BRANCH_MOVED',
      });

      expect(forgeCommit()).toBe(bench.base);
    });

    it('is to be repeated where another push is at the branch, which has not moved yet', async () => {
      const { workspace, commit } = await prepared();
      const lock = join(bench.repository, `refs/heads/${BRANCH}.lock`);
      await mkdir(join(lock, '..'), { recursive: true });
      await writeFile(lock, '');
      await expect(workspaces.publish(workspace, commit, null)).rejects.toMatchObject({
        code: 'WORKSPACES_FORGE_UNREACHABLE',
        message: expect.stringContaining(`Somebody else is pushing to ${BRANCH}`),
      });

      await rm(lock);
      await workspaces.publish(workspace, commit, null);

      expect(forgeCommit()).toBe(commit);
    });

    it('makes a branch anew that was deleted', async () => {
      const { workspace, commit } = await prepared();

      await workspaces.publish(workspace, commit, bench.base);

      expect(forgeCommit()).toBe(commit);
    });

    it('tells a refusal of the forge from a wrong token', async () => {
      const { workspace, commit } = await prepared();
      const hook = join(bench.repository, 'hooks', 'pre-receive');
      await mkdir(join(hook, '..'), { recursive: true });
      await writeFile(hook, '#!/bin/sh\necho protected by a rule >&2; exit 1\n', { mode: 0o755 });
      await expect(workspaces.publish(workspace, commit, null)).rejects.toMatchObject({
        code: 'WORKSPACES_PUSH_REFUSED',
        message: expect.stringContaining('protected by a rule'),
      });

      const wrong = bench.restart({ token: 'wrong-token-of-the-bot' });
      const refused = wrong.publish(workspace, commit, null);
      await expect(refused).rejects.toMatchObject({ code: 'WORKSPACES_FORGE_ACCESS' });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('wrong-token') });
    });

    it('never pushes to a branch that is none of its own', async () => {
      const { workspace, commit } = await prepared();
      const invalid = { code: 'WORKSPACES_REQUEST_INVALID' };

      for (const branch of ['main', 'refs/heads/main', 'coordinator/7-x:main', '+coordinator/7-x', '--mirror', 'a b']) {
        await expect(workspaces.publish({ ...workspace, branch }, commit, null)).rejects.toMatchObject(invalid);
      }
    });

    it('refuses commits that are none of its own', async () => {
      const { workspace, commit } = await prepared();
      const invalid = { code: 'WORKSPACES_REQUEST_INVALID' };

      await expect(workspaces.publish(workspace, 'f'.repeat(40), null)).rejects.toMatchObject(invalid);
      await expect(workspaces.publish(workspace, '--force', null)).rejects.toMatchObject(invalid);
      await expect(workspaces.publish(workspace, commit, 'HEAD')).rejects.toMatchObject(invalid);
    });

    it('keeps the branch in the mirror without a token, where nothing that happens at the forge removes it', async () => {
      const local = withoutToken();
      const { workspace, commit } = await prepared(local);

      await local.publish(workspace, commit, null);
      await local.publish(workspace, commit, null);
      await expect(local.publish(workspace, bench.base, null)).rejects.toMatchObject({
        code: 'WORKSPACES_BRANCH_MOVED',
      });
      await local.remove(workspace.issue);
      await bench.push({ 'README.md': 'newer\n' });
      const again = await local.prepare(bench.request({ title: 'Other', baseCommit: bench.base }));

      expect(local.canPush).toBe(false);
      expect(workspaces.canPush).toBe(true);
      expect(git(bench.mirror, 'rev-parse', BRANCH)).toBe(commit);
      expect(again.branch).toBe(BRANCH);
      expect(git(again.directory, 'rev-parse', 'HEAD')).toBe(commit);
      expect(git(bench.repository, 'branch', '--format=%(refname:short)')).toBe('main');
    });
  });

  describe('publishDraft', () => {
    const DRAFT = 'coordinator/wip/7-fix-the-parser';

    async function captured(workspaces: Workspaces, text: string) {
      const workspace = await workspaces.prepare(bench.request());
      await writeFile(join(workspace.directory, 'src/a.txt'), text);
      const { commit } = await workspaces.capture(workspace, 'work');
      return { workspace, commit };
    }

    const atForge = (branch: string): string => git(bench.repository, 'for-each-ref', '--format=%(objectname)', branch);

    it('keeps work on a branch of its own, and replaces what it left there', async () => {
      const { workspaces } = bench;
      const first = await captured(workspaces, 'one\n');
      const branch = await workspaces.publishDraft(first.workspace, first.commit, null);
      const second = await captured(workspaces, 'two\n');

      await workspaces.publishDraft(second.workspace, second.commit, first.commit);
      await workspaces.publishDraft(second.workspace, second.commit, first.commit);

      expect(branch).toBe(DRAFT);
      expect(atForge(`refs/heads/${DRAFT}`)).toBe(second.commit);
      expect(atForge('refs/heads/coordinator/7-fix-the-parser')).toBe('');
    });

    it('leaves alone what somebody went on with', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      await workspaces.publishDraft(workspace, commit, null);
      const theirs = await bench.push({ 'src/a.txt': 'by hand\n' }, DRAFT);
      const later = await captured(workspaces, 'two\n');

      const push = workspaces.publishDraft(later.workspace, later.commit, commit);

      await expect(push).rejects.toMatchObject({ code: 'WORKSPACES_BRANCH_MOVED' });
      await workspaces.dropDraft(workspace, commit);
      expect(atForge(`refs/heads/${DRAFT}`)).toBe(theirs);
    });

    it('is undone by dropDraft, which may be repeated', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      await workspaces.publishDraft(workspace, commit, null);

      await workspaces.dropDraft(workspace, commit);
      await workspaces.dropDraft(workspace, commit);

      expect(atForge(`refs/heads/${DRAFT}`)).toBe('');
    });

    it('is made anew where it was deleted', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      await workspaces.publishDraft(workspace, commit, null);
      git(bench.repository, 'update-ref', '-d', `refs/heads/${DRAFT}`);
      const later = await captured(workspaces, 'two\n');

      await workspaces.publishDraft(later.workspace, later.commit, commit);

      expect(atForge(`refs/heads/${DRAFT}`)).toBe(later.commit);
    });

    it('is what a workspace that is made anew goes on from, under the name it has', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      await workspaces.publishDraft(workspace, commit, null);
      await workspaces.remove(workspace.issue);

      const again = await workspaces.prepare(bench.request({ title: 'Another title', baseCommit: bench.base }));

      expect(again.branch).toBe(workspace.branch);
      expect(await readFile(join(again.directory, 'src/a.txt'), 'utf8')).toBe('one\n');
      expect(await workspaces.capture(again, 'work')).toMatchObject({ commit, isChanged: true });
    });

    it('starts from the base when that moved on, and the draft stays', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      await workspaces.publishDraft(workspace, commit, null);
      await workspaces.remove(workspace.issue);
      await bench.push({ 'src/b.txt': 'news\n' });

      const again = await workspaces.prepare(bench.request());

      expect(await readFile(join(again.directory, 'src/a.txt'), 'utf8')).toBe('a\n');
      expect(atForge(`refs/heads/${DRAFT}`)).toBe(commit);
      expect(git(again.directory, 'show', `${commit}:src/a.txt`)).toBe('one');
    });

    it('stays in the mirror without a token, until it is dropped', async () => {
      const workspaces = bench.restart({ token: null });
      bench.server.authorization = null;
      const { workspace, commit } = await captured(workspaces, 'one\n');

      await workspaces.publishDraft(workspace, commit, null);
      await workspaces.remove(workspace.issue);
      const again = await workspaces.prepare(bench.request({ baseCommit: bench.base }));
      const found = await readFile(join(again.directory, 'src/a.txt'), 'utf8');
      const kept = git(bench.mirror, 'rev-parse', `refs/heads/${DRAFT}`);
      await workspaces.dropDraft(again, commit);

      expect([found, kept]).toEqual(['one\n', commit]);
      expect(git(bench.mirror, 'for-each-ref', `refs/heads/${DRAFT}`)).toBe('');
      expect(atForge(`refs/heads/${DRAFT}`)).toBe('');
    });

    it('belongs to branches of the coordinator alone', async () => {
      const { workspaces } = bench;
      const { workspace, commit } = await captured(workspaces, 'one\n');
      const elsewhere = { ...workspace, branch: 'main' };

      await expect(workspaces.publishDraft(elsewhere, commit, null)).rejects.toMatchObject({
        code: 'WORKSPACES_REQUEST_INVALID',
      });
      await expect(workspaces.dropDraft(elsewhere, commit)).rejects.toMatchObject({
        code: 'WORKSPACES_REQUEST_INVALID',
      });
    });
  });

  describe('remove', () => {
    it('deletes the directory and what the mirror kept for it, and nothing that was published', async () => {
      const workspace = await workspaces.prepare(bench.request());
      await write(workspace, 'README.md', 'work\n');
      const { commit } = await workspaces.capture(workspace, 'work');
      await workspaces.publish(workspace, commit, null);

      await workspaces.remove(workspace.issue);
      await workspaces.remove(workspace.issue);

      expect(await readdir(join(bench.root, 'jobs'))).toEqual([]);
      expect(git(bench.mirror, 'for-each-ref', 'refs/coordinator')).toBe('');
      expect(forgeCommit()).toBe(commit);
    });

    it('leaves other jobs alone', async () => {
      const other = await workspaces.prepare(bench.request({ issue: { owner: 'acme', repo: 'app', number: 70 } }));
      await workspaces.prepare(bench.request());

      await workspaces.remove(bench.request().issue);

      expect((await workspaces.capture(other, 'work')).commit).toBe(bench.base);
    });

    it('has nothing to do for an issue that never had one', async () => {
      await workspaces.remove({ owner: 'acme', repo: 'other', number: 1 });

      expect(existsSync(join(bench.root, 'jobs'))).toBe(false);
    });
  });

  it('refuses a request with a name that cannot be one, and asks nobody about it', async () => {
    const invalid = { code: 'WORKSPACES_REQUEST_INVALID' };
    const names = [
      { owner: '..', repo: 'app', number: 1 },
      { owner: 'acme', repo: '../../x', number: 1 },
      { owner: 'acme', repo: '-x y', number: 1 },
      { owner: 'acme', repo: 'app', number: 0 },
      { owner: 'acme', repo: 'app', number: 1.5 },
    ];
    const branches = ['--upload-pack=touch x', 'a..b', 'a b', 'refs/heads/x:y', '', 'HEAD', 'x'.repeat(201)];
    const requests = [
      ...names.map((issue) => bench.request({ issue })),
      ...branches.map((baseBranch) => bench.request({ baseBranch })),
      bench.request({ baseCommit: '--output=x' }),
    ];

    for (const request of requests) await expect(workspaces.prepare(request)).rejects.toMatchObject(invalid);
    for (const issue of names) await expect(workspaces.remove(issue)).rejects.toMatchObject(invalid);

    expect(bench.server.requests).toEqual([]);
    expect(existsSync(bench.root)).toBe(false);
  });
});
