import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git, startGitWorkspaces, type Bench } from '../../test/support/start-git-workspaces.js';
import { SecretScrubber } from '../kernel/index.js';
import type { Workspace } from './workspaces.types.js';

jest.setTimeout(120_000);

/**
 * An agent that wants its code run by the coordinator, or the coordinator's git led elsewhere. It has the whole
 * workspace to itself. Each trap that is sprung leaves a file with its name in `sprung`.
 */
describe('GitWorkspaces and a hostile agent', () => {
  let bench: Bench;
  let workspace: Workspace;
  let sprung: string;

  beforeEach(async () => {
    bench = await startGitWorkspaces({ maxFileBytes: 100_000, maxChangedFiles: 50, gitTimeoutMs: 20_000 });
    await bench.push({ '.gitmodules': '[submodule "sub"]\n\tpath = sub\n\turl = ./sub.git\n' });
    git(bench.person, 'update-index', '--add', '--cacheinfo', `160000,${bench.base},sub`);
    await mkdir(join(bench.person, 'sub'));
    await bench.push({});
    workspace = await bench.workspaces.prepare(bench.request());
    sprung = join(bench.directory, 'sprung');
    await mkdir(sprung);
  });

  afterEach(() => bench.stop());

  const at = (...path: string[]): string => join(workspace.directory, ...path);
  async function plant(path: string, text: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text, { mode });
  }
  const trap = (name: string): Promise<void> =>
    plant(`.git/traps/${name}`, `#!/bin/sh\ntouch '${sprung}/${name}'\ncat\nexit 0\n`, 0o755);
  const springing = (name: string): string => at('.git/traps', name);
  const configure = (section: string, ...lines: string[]): Promise<void> =>
    appendFile(at('.git/config'), `[${section}]\n${lines.map((line) => `\t${line}\n`).join('')}`);
  const trapped = (): string[] => execFileSync('ls', [sprung], { encoding: 'utf8' }).split('\n').filter(Boolean);
  const capture = () => bench.workspaces.capture(workspace, 'work');

  /** Everything the coordinator does with a workspace. */
  async function wholeLife(): Promise<string> {
    await bench.workspaces.prepare(bench.request());
    await writeFile(at('README.md'), 'work\n');
    const { commit } = await capture();
    const checkout = await bench.workspaces.checkout(workspace, commit);
    await bench.workspaces.readBaseFile(workspace, 'README.md');
    await bench.workspaces.publish(workspace, commit, null);
    await checkout.remove();
    await writeFile(at('README.md'), 'more\n');
    const next = await capture();
    await bench.restart().prepare(bench.request());
    await bench.workspaces.publish(workspace, next.commit, commit);
    return next.commit;
  }

  const hooks = [
    'pre-commit',
    'post-commit',
    'post-checkout',
    'post-index-change',
    'pre-push',
    'reference-transaction',
  ];
  const more = ['update', 'pre-receive', 'post-rewrite', 'pre-auto-gc', 'applypatch-msg', 'prepare-commit-msg'];
  const traps: Record<string, () => Promise<void>> = {
    'hooks in .git': async () => {
      for (const hook of [...hooks, ...more]) {
        await plant(`.git/hooks/${hook}`, `#!/bin/sh\ntouch '${sprung}/${hook}'\n`, 0o755);
      }
    },
    'core.hooksPath': async () => {
      for (const hook of hooks) await plant(`.husky/${hook}`, `#!/bin/sh\ntouch '${sprung}/husky-${hook}'\n`, 0o755);
      await configure('core', `hooksPath = ${at('.husky')}`);
    },
    'core.fsmonitor': () => configure('core', `fsmonitor = ${springing('fsmonitor')}`),
    'a clean, smudge and process filter': async () => {
      await configure(
        'filter "evil"',
        `clean = ${springing('clean')}`,
        `smudge = ${springing('smudge')}`,
        'required = true',
      );
      await configure('filter "long"', `process = ${springing('process')}`);
      await plant('.gitattributes', '*.md filter=evil diff=evil merge=evil text\n*.txt filter=long diff=evil\n');
    },
    'attributes in .git/info': async () => {
      await plant('.git/info/attributes', '* filter=evil diff=evil\n');
      await configure('core', `attributesFile = ${at('.git/info/attributes')}`);
    },
    'diff drivers': async () => {
      await configure('diff', `external = ${springing('external')}`);
      await configure('diff "evil"', `textconv = ${springing('textconv')}`, `command = ${springing('command')}`);
    },
    'include.path': async () => {
      await plant('.git/more', `[core]\n\tfsmonitor = ${springing('included')}\n`);
      await configure('include', `path = ${at('.git/more')}`);
      await configure(`includeIf "gitdir:/"`, `path = ${at('.git/more')}`);
    },
    'url.insteadOf and remotes': async () => {
      const elsewhere = join(bench.directory, 'elsewhere.git');
      git(bench.directory, 'init', '-q', '--bare', elsewhere);
      await configure(`url "${elsewhere}"`, `insteadOf = ${bench.server.url}/acme/app.git`, `pushInsteadOf = http://`);
      await configure(
        'remote "origin"',
        `url = ext::touch% ${sprung}/ext`,
        `pushurl = ${elsewhere}`,
        'uploadpack = false',
      );
    },
    'programs in the configuration': async () => {
      await configure('core', `sshCommand = ${springing('ssh')}`, `editor = ${springing('editor')}`);
      await configure('core', `pager = ${springing('pager')}`, `askPass = ${springing('askpass')}`);
      await configure('core', `gitProxy = ${springing('proxy')}`, `alternateRefsCommand = ${springing('alternates')}`);
      await configure('gpg', `program = ${springing('gpg')}`);
      await configure('commit', 'gpgSign = true');
      await configure('credential', `helper = ${springing('credential')}`);
      await configure('uploadpack', `packObjectsHook = ${springing('pack-objects')}`);
      await configure('alias', `add = !touch ${sprung}/alias`, `status = !touch ${sprung}/alias`);
      await configure('trailer "x"', `command = ${springing('trailer')}`);
      await configure('sequence', `editor = ${springing('sequence')}`);
    },
    'core.worktree': () => configure('core', `worktree = ${bench.directory}`, 'bare = true'),
    'object alternates of another repository': async () => {
      await plant('.git/objects/info/alternates', `${join(bench.person, '.git/objects')}\n`);
      await rm(at('.git/HEAD'));
    },
    'a replaced object and a graft': async () => {
      await plant(`.git/refs/replace/${workspace.baseCommit}`, `${bench.base}\n`);
      await plant('.git/info/grafts', `${workspace.baseCommit}\n`);
    },
    'a configuration of worktrees': async () => {
      await configure('extensions', 'worktreeConfig = true');
      await plant('.git/config.worktree', `[core]\n\tfsmonitor = ${springing('worktree-config')}\n`);
      await plant('.git/commondir', '../../../..\n');
    },
    'configuration files in the tree': async () => {
      await plant('.gitconfig', `[core]\n\tfsmonitor = ${springing('home')}\n`);
      await plant('.config/git/config', `[core]\n\tfsmonitor = ${springing('xdg')}\n`);
      await plant('.lfsconfig', `[lfs]\n\turl = ${bench.server.url}/evil\n`);
      await plant('.mailmap', 'x <x@x>\n');
    },
    'a changed .gitmodules': () =>
      plant('.gitmodules', `[submodule "sub"]\n\tpath = sub\n\turl = ext::touch% ${sprung}/module\n\tignore = none\n`),
    'an ignored repository with traps': async () => {
      await plant('.gitignore', 'vendor/\n');
      await mkdir(at('vendor'));
      git(at('vendor'), 'init', '-q');
      await writeFile(at('vendor/.git/config'), `[core]\n\tfsmonitor = ${springing('vendor')}\n`);
    },
    'a bare repository among the files': async () => {
      git(workspace.directory, 'init', '-q', '--bare', '--template=', 'bare');
      await appendFile(at('bare/config'), `[core]\n\tfsmonitor = ${springing('bare')}\n`);
    },
    'programs named git in the tree': async () => {
      for (const name of ['git', 'rm', 'git-remote-http'])
        await plant(name, `#!/bin/sh\ntouch '${sprung}/${name}'\n`, 0o755);
    },
  };
  const programs = (
    'fsmonitor clean smudge process external textconv command included ssh editor pager askpass proxy alternates gpg ' +
    'credential pack-objects trailer sequence worktree-config home xdg vendor bare'
  ).split(' ');

  it('springs none of the traps, through all that it does, and pushes where it should', async () => {
    for (const name of programs) await trap(name);
    for (const set of Object.values(traps)) await set();

    const commit = await wholeLife();

    expect(trapped()).toEqual([]);
    expect(git(bench.repository, 'rev-parse', workspace.branch)).toBe(commit);
    expect(git(bench.repository, 'show', `${commit}:README.md`)).toBe('more');
    expect(git(bench.repository, 'ls-tree', commit, 'sub')).toContain('160000 commit');
    expect(git(bench.directory, '-C', 'elsewhere.git', 'for-each-ref')).toBe('');
    expect(git(bench.repository, 'rev-list', '--count', `${workspace.baseCommit}..${commit}`)).toBe('2');
  });

  it('has traps that work: git in the tree itself springs them', async () => {
    for (const name of programs) await trap(name);
    await traps['core.fsmonitor']?.();
    await traps['a clean, smudge and process filter']?.();
    await traps['diff drivers']?.();
    await writeFile(at('README.md'), 'work\n');

    git(workspace.directory, 'add', 'README.md');
    git(workspace.directory, 'diff', '--cached');

    expect(trapped()).toEqual(expect.arrayContaining(['clean', 'command', 'fsmonitor', 'process']));
  });

  it('looks at no .git that leads elsewhere', async () => {
    await rename(at('.git'), at('..', 'away'));
    await symlink(join(bench.person, '.git'), at('.git'));
    await writeFile(at('README.md'), 'work\n');

    const { commit } = await capture();
    await bench.workspaces.prepare(bench.request());

    expect(git(bench.mirror, 'ls-tree', '-r', '--name-only', commit)).not.toContain('.git/');
    expect(git(bench.person, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(bench.person, '.git/HEAD'))).toBe(true);
  });

  const refusals: Record<string, [() => Promise<unknown>, RegExp]> = {
    'a repository inside the tree': [
      async () => git(workspace.directory, 'clone', '-q', bench.person, 'nested'),
      /"nested\/"/,
    ],
    'an empty repository inside the tree': [async () => git(workspace.directory, 'init', '-q', 'a/b'), /"a\/b\/"/],
    'a submodule that was filled': [
      async () => {
        await trap('submodule');
        git(workspace.directory, 'clone', '-q', bench.person, 'sub');
        await appendFile(at('sub/.git/config'), `[core]\n\tfsmonitor = ${springing('submodule')}\n`);
        await writeFile(at('sub/README.md'), 'changed\n');
      },
      /submodule.*"sub"/,
    ],
    'a file that is too large': [() => truncate(at('README.md'), 100_001), /100000 bytes.*"README\.md"/],
    'a new file that is too large': [() => plant('core.dump', 'x'.repeat(100_001)), /"core\.dump"/],
    'too many files': [
      async () => {
        for (let n = 0; n < 51; n += 1) await plant(`many/${n}`, 'x');
      },
      /51 new or changed files/,
    ],
    'a path that is .git to another system': [() => plant('src/.GIT/hooks/x', 'x'), /\.GIT/],
    'a path that is .git to Windows': [() => plant('git~1/config', 'x'), /git~1/],
    'a name that is not UTF-8': [
      async () => execFileSync('sh', ['-c', `printf x > "$(printf 'a\\377b')"`], { cwd: workspace.directory }),
      /not valid UTF-8/,
    ],
    'a pipe in the place of a file': [
      async () => {
        await rm(at('README.md'));
        execFileSync('mkfifo', [at('README.md')]);
      },
      /README\.md/,
    ],
  };

  it.each(Object.entries(refusals))('refuses %s, names it and says what to do', async (_, [spoil, named]) => {
    await spoil();

    const refused = capture();

    await expect(refused).rejects.toMatchObject({ code: 'WORKSPACES_TREE_REFUSED' });
    await expect(refused).rejects.toThrow(named);
    expect(trapped()).toEqual([]);
  });

  it('refuses a file that holds a secret of the coordinator, and keeps it out of the message of a commit', async () => {
    const scrubbing = bench.restart({ scrubber: new SecretScrubber(['canary-of-the-coordinator']) });
    await plant('src/notes.txt', Buffer.from('xcanary-of-the-coordinator').toString('base64'));

    await expect(scrubbing.capture(workspace, 'work')).rejects.toThrow(/secret of the coordinator: "src\/notes.txt"/);
    await rm(at('src/notes.txt'));
    execFileSync('mkfifo', [at('pipe')]);
    await plant('src/honest.txt', 'nothing to hide');
    const { commit } = await scrubbing.capture(workspace, 'It is canary-of-the-coordinator');

    expect(git(bench.mirror, 'log', '-1', '--format=%B', commit)).toBe('It is [secret]');
  });

  it('goes on when what was refused is put right', async () => {
    git(workspace.directory, 'init', '-q', 'nested');
    await plant('nested/file', 'x');
    await expect(capture()).rejects.toMatchObject({ code: 'WORKSPACES_TREE_REFUSED' });

    await rm(at('nested/.git'), { recursive: true });

    expect(await capture()).toMatchObject({ isChanged: true });
  });

  it('takes a directory that became a link for a link, and reads nothing behind it', async () => {
    await rm(at('src'), { recursive: true });
    const outside = join(bench.directory, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'a.txt'), 'a secret\n');
    await symlink(outside, at('src'));

    const { commit } = await capture();

    expect(git(bench.mirror, 'ls-tree', commit, 'src')).toMatch(/^120000 blob/);
    const checkout = await bench.workspaces.checkout(workspace, commit);
    await checkout.remove();
    expect(existsSync(join(outside, 'a.txt'))).toBe(true);
  });

  it('refuses to check out objects that harm other programs', async () => {
    for (const [setting, fault] of [
      ['url = -u./payload', /gitmodulesUrl/],
      ['update = !touch x', /gitmodulesUpdate/],
    ] as const) {
      await plant('.gitmodules', `[submodule "sub"]\n\tpath = sub\n\t${setting}\n`);
      const { commit } = await capture();

      const refused = bench.workspaces.checkout(workspace, commit);

      await expect(refused).rejects.toMatchObject({ code: 'WORKSPACES_TREE_REFUSED' });
      await expect(refused).rejects.toThrow(fault);
    }
  });

  it('is not kept for ever by a pipe that git reads', async () => {
    execFileSync('mkfifo', [at('.gitignore')]);

    const impatient = bench.restart({ gitTimeoutMs: 500 });

    await expect(impatient.capture(workspace, 'work')).rejects.toMatchObject({ code: 'WORKSPACES_GIT_FAILED' });
  });

  it('deletes a workspace that does not want to be deleted, and nothing outside of it', async () => {
    const outside = join(bench.directory, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), '');
    await symlink(outside, at('link'));
    await plant('locked/deep/file', 'x');
    await chmod(at('locked'), 0o000);
    // Longer than a path may be: it can be made, and deleted, only step by step.
    execFileSync('bash', ['-c', 'for n in {1..30}; do d=$(printf %0200d $n); mkdir $d; cd $d; done'], {
      cwd: workspace.directory,
    });

    await bench.workspaces.remove(workspace.issue);

    expect(existsSync(dirname(workspace.directory))).toBe(false);
    expect(existsSync(join(outside, 'kept'))).toBe(true);
  });
});
