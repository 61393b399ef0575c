import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { COMMAND_RUNNER, type Command, type CommandResult, type CommandRunner } from '../command-runner/index.js';
import { GitWorkspaces } from './git-workspaces.js';
import { captureTree } from './capture-tree.js';
import { SecretScrubber } from '../kernel/index.js';
import { Git } from './git.js';
import { jobDirectoryName } from './job-directory.js';
import { removeTree } from './remove-tree.js';
import { parseWorkspaceRecord } from './workspace-record.js';
import { WorkspacesModule } from './workspaces.module.js';
import { resolveWorkspacesOptions, type WorkspacesModuleOptions } from './workspaces.options.js';

const options = (rest: Partial<WorkspacesModuleOptions> = {}): WorkspacesModuleOptions => ({
  root: '/nonexistent/root',
  giteaUrl: 'https://git.example.org/',
  ...rest,
});

/** Answers every command with the next exit code of a list, and remembers what it was asked. */
class ScriptedCommandRunner implements CommandRunner {
  readonly commands: (readonly string[])[] = [];

  constructor(private readonly exitCodes: number[]) {}

  async run(command: Command): Promise<CommandResult> {
    this.commands.push(command.argv);
    const output = { text: 'said', totalBytes: 4, isTruncated: true };
    const exitCode = this.exitCodes.shift() ?? 0;
    return { ending: 'exited', exitCode, reason: null, stdout: output, stderr: output, durationMs: 0, leftBehind: 0 };
  }
}

describe('WorkspacesModule', () => {
  it('gives out one GitWorkspaces', async () => {
    const module = await Test.createTestingModule({ imports: [WorkspacesModule.forRoot(options())] }).compile();

    expect(module.get(GitWorkspaces).canPush).toBe(false);
  });

  it("runs git with the app's command runner", async () => {
    const runner = new ScriptedCommandRunner([0]);
    @Module({ providers: [{ provide: COMMAND_RUNNER, useValue: runner }], exports: [COMMAND_RUNNER] })
    class Runners {}
    const module = await Test.createTestingModule({
      imports: [
        { module: Runners, global: true },
        WorkspacesModule.forRootAsync({ useFactory: () => options({ root: '/dev/null/x', token: 'token' }) }),
      ],
    }).compile();

    await expect(module.get(GitWorkspaces).remove({ owner: 'a', repo: 'b', number: 1 })).rejects.toThrow('ENOTDIR');
    expect(module.get(GitWorkspaces).canPush).toBe(true);
  });
});

describe('resolveWorkspacesOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveWorkspacesOptions(options())).toEqual({
      scrubber: expect.any(SecretScrubber),
      root: '/nonexistent/root',
      isShared: false,
      giteaUrl: 'https://git.example.org',
      token: null,
      botName: 'mosaic-coordinator',
      committer: { name: 'Mosaic Coordinator', email: 'mosaic-coordinator@localhost' },
      maxFileBytes: 20_971_520,
      maxChangedFiles: 10_000,
      gitTimeoutMs: 300_000,
      environment: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      commandRunner: null,
    });
  });

  it('keeps the path of an address, and takes nothing from the environment but what git needs', () => {
    const environment = {
      PATH: '/opt/bin',
      HTTPS_PROXY: 'http://proxy',
      NO_PROXY: undefined,
      SECRET: 'x',
      GIT_DIR: '/x',
    };

    expect(resolveWorkspacesOptions(options({ giteaUrl: 'http://host:3000/git//', environment }))).toMatchObject({
      giteaUrl: 'http://host:3000/git',
      environment: { PATH: '/opt/bin', HTTPS_PROXY: 'http://proxy' },
    });
  });

  it.each<Partial<WorkspacesModuleOptions>>([
    { root: 'relative' },
    { giteaUrl: 'git.example.org' },
    { giteaUrl: 'ssh://git.example.org' },
    { giteaUrl: 'https://user:secret@git.example.org' },
    { giteaUrl: 'https://git.example.org/?token=secret' },
    { botName: 'a b' },
    { botName: 'a:b' },
    { token: 'a\nsecret' },
    { token: '' },
    { committer: { name: 'a\nb', email: 'a@b' } },
    { committer: { name: 'a', email: '<secret>' } },
    { committer: { name: ' . ', email: 'a@b' } },
    { maxFileBytes: 0 },
    { maxChangedFiles: 1.5 },
    { gitTimeoutMs: Number.NaN },
  ])('refuses %j', (wrong) => {
    expect(() => new GitWorkspaces(options(wrong))).toThrow(
      expect.objectContaining({ code: 'WORKSPACES_OPTIONS_INVALID' }),
    );
  });

  it('repeats no token and no address with a password', () => {
    expect(() => resolveWorkspacesOptions(options({ token: 'a secret' }))).not.toThrow(/a secret/);
    expect(() => resolveWorkspacesOptions(options({ giteaUrl: 'https://u:secret@h' }))).not.toThrow(/secret/);
  });
});

describe('removeTree', () => {
  it('deletes nothing where there is nothing', async () => {
    const runner = new ScriptedCommandRunner([]);

    await removeTree('/nonexistent', runner, {});

    expect(runner.commands).toEqual([]);
  });

  it('unlocks directories that could not be emptied, and tries again', async () => {
    const runner = new ScriptedCommandRunner([1, 0, 0]);

    await removeTree('/tmp', runner, {});

    expect(runner.commands.map(([program]) => program)).toEqual(['rm', 'chmod', 'rm']);
  });

  it('says what could not be deleted', async () => {
    await expect(removeTree('/tmp', new ScriptedCommandRunner([1, 1, 1]), {})).rejects.toMatchObject({
      code: 'WORKSPACES_GIT_FAILED',
      message: 'The directory /tmp could not be deleted: said',
    });
  });
});

describe('Git', () => {
  const git = new Git(new ScriptedCommandRunner([]), {
    environment: {},
    timeoutMs: 1,
    forge: { url: 'https://host', credentials: null },
  });

  it('does not pass off a part of an answer for the whole', async () => {
    const call = { repository: '/r.git', args: ['ls-remote'] } as const;

    await expect(git.run(call)).rejects.toMatchObject({ code: 'WORKSPACES_GIT_FAILED' });
    expect(await git.run(call, { mayBeCut: true })).toBe('said');
  });

  it('refuses a tree with more changes than can be listed', async () => {
    const limits = { maxFileBytes: 1, maxChangedFiles: 1, scrubber: new SecretScrubber() };
    const wanted = { repository: '/r.git', tree: '/t', index: '/nonexistent/i', parent: 'a'.repeat(40), limits };

    await expect(captureTree(git, wanted)).rejects.toMatchObject({ code: 'WORKSPACES_TREE_REFUSED' });
  });
});

describe('jobDirectoryName', () => {
  it('is readable, a plain name, and another one for every issue', () => {
    const issues = [
      { owner: 'a-b', repo: 'c', number: 1 },
      { owner: 'a', repo: 'b-c', number: 1 },
      { owner: 'a', repo: 'b.c', number: 1 },
      { owner: 'x'.repeat(100), repo: 'y'.repeat(100), number: 1 },
      { owner: 'x'.repeat(100), repo: 'y'.repeat(100), number: 2 },
    ];
    const names = issues.map(jobDirectoryName);

    expect(names[0]).toMatch(/^a-b-c-1-[0-9a-f]{16}$/);
    expect(new Set(names).size).toBe(issues.length);
    expect(names.filter((name) => !/^[a-z0-9-]{1,77}$/.test(name))).toEqual([]);
  });
});

describe('parseWorkspaceRecord', () => {
  const record = { issue: 'a/b#1', branch: 'coordinator/1-x', baseBranch: 'main', baseCommit: 'a'.repeat(40) };

  it('reads what was written, and no field beyond it', () => {
    expect(parseWorkspaceRecord(JSON.stringify({ ...record, more: 1 }))).toEqual(record);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    JSON.stringify({ ...record, issue: 1 }),
    JSON.stringify({ ...record, branch: 'main' }),
    JSON.stringify({ ...record, branch: undefined }),
    JSON.stringify({ ...record, baseBranch: '--x' }),
    JSON.stringify({ ...record, baseBranch: '' }),
    JSON.stringify({ ...record, baseCommit: 'HEAD' }),
    JSON.stringify({ ...record, baseCommit: '' }),
  ])('takes %s for none', (text) => {
    expect(parseWorkspaceRecord(text)).toBeNull();
  });
});
