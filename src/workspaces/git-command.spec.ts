import { describe, expect, it } from '@jest/globals';
import type { CommandResult } from '../command-runner/index.js';
import { gitArgv, gitEnvironment, isObjectName, type ForgeAccess, type GitCall } from './git-command.js';
import { gitFailure } from './git-failure.js';

const call: GitCall = { repository: '/r.git', args: ['fetch', '--quiet'], operands: ['--upload-pack=x'] };
const forge: ForgeAccess = { url: 'https://host/git', credentials: { name: 'bot', token: 's3cret' } };

describe('gitArgv', () => {
  it('puts everything that is not a constant behind the end of the options', () => {
    expect(gitArgv(call).slice(-4)).toEqual(['fetch', '--quiet', '--end-of-options', '--upload-pack=x']);
    expect(gitArgv({ ...call, operands: [] }).at(-1)).toBe('--end-of-options');
    expect(gitArgv({ repository: '/r.git', args: ['gc'] }).at(-1)).toBe('gc');
  });

  it.each([
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'protocol.ext.allow=never',
    'http.followRedirects=false',
  ])('sets %s for every call', (setting) => {
    expect(gitArgv(call).indexOf(setting)).toBeGreaterThan(0);
    expect(gitArgv(call).indexOf(setting)).toBeLessThan(gitArgv(call).indexOf('fetch'));
  });
});

describe('gitEnvironment', () => {
  it('has the credentials for the forge alone, and only where the forge is reached', () => {
    const there = gitEnvironment(call, { PATH: '/bin' }, forge);
    const here = gitEnvironment(call, { PATH: '/bin' }, null);

    expect(there).toMatchObject({
      GIT_ALLOW_PROTOCOL: 'https',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.https://host/git/.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from('bot:s3cret').toString('base64')}`,
    });
    expect(here).toMatchObject({ PATH: '/bin', GIT_DIR: '/r.git', GIT_ALLOW_PROTOCOL: 'file', HOME: '/dev/null' });
    expect(Object.keys(here).filter((name) => /^GIT_CONFIG_(?:COUNT|KEY|VALUE)/.test(name))).toEqual([]);
    expect(gitArgv(call).join(' ')).not.toContain('s3cret');
  });

  it('cannot be led elsewhere by what it inherits', () => {
    expect(gitEnvironment(call, { GIT_DIR: '/evil', GIT_CONFIG_GLOBAL: '/evil' }, null)).toMatchObject({
      GIT_DIR: '/r.git',
      GIT_CONFIG_GLOBAL: '/dev/null',
    });
  });

  it('names the tree and the index where there are some', () => {
    expect(gitEnvironment({ ...call, workTree: '/t', index: '/i' }, {}, null)).toMatchObject({
      GIT_WORK_TREE: '/t',
      GIT_INDEX_FILE: '/i',
    });
    expect(gitEnvironment(call, {}, null)).not.toHaveProperty('GIT_WORK_TREE');
  });
});

describe('isObjectName', () => {
  it('takes the whole name of an object for one, and nothing else', () => {
    const names = ['a'.repeat(40), 'a'.repeat(39), 'a'.repeat(41), 'A'.repeat(40), `${'a'.repeat(40)}\n`, 'HEAD', ''];

    expect(names.map(isObjectName)).toEqual([true, false, false, false, false, false, false]);
  });
});

describe('gitFailure', () => {
  const output = (text: string) => ({ text, totalBytes: text.length, isTruncated: false });
  const result = (stderr: string, rest: Partial<CommandResult> = {}): CommandResult => ({
    ending: 'exited',
    exitCode: 128,
    reason: null,
    stdout: output(''),
    stderr: output(stderr),
    durationMs: 1,
    leftBehind: 0,
    ...rest,
  });

  it.each([
    ['! [rejected] x -> x (stale info)', 'WORKSPACES_BRANCH_MOVED'],
    [
      "remote: error: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
      'WORKSPACES_PUSH_REFUSED',
    ],
    ["! [remote rejected] x -> x (cannot lock ref 'refs/heads/x': is at a but expected b)", 'WORKSPACES_BRANCH_MOVED'],
    ['! [remote rejected] x -> x (pre-receive hook declined)', 'WORKSPACES_PUSH_REFUSED'],
    ["fatal: Authentication failed for 'https://host/'", 'WORKSPACES_FORGE_ACCESS'],
    ["fatal: unable to access 'https://host/': The requested URL returned error: 403", 'WORKSPACES_FORGE_ACCESS'],
    ["fatal: repository 'https://host/a/b.git/' not found", 'WORKSPACES_REPOSITORY_MISSING'],
    ["fatal: unable to access 'https://host/': Could not resolve host: host", 'WORKSPACES_FORGE_UNREACHABLE'],
    ["fatal: unable to access 'https://host/': The requested URL returned error: 502", 'WORKSPACES_FORGE_UNREACHABLE'],
    ['fatal: the remote end hung up unexpectedly', 'WORKSPACES_FORGE_UNREACHABLE'],
    ['fatal: fsck error in pack objects', 'WORKSPACES_TREE_REFUSED'],
    ['fatal: something else', 'WORKSPACES_GIT_FAILED'],
  ])('tells %j apart as %s', (stderr, code) => {
    expect(gitFailure('push', result(stderr), [])).toMatchObject({ code });
  });

  it('says how a git ended that did not exit', () => {
    const late = result('', { ending: 'timed_out', exitCode: null, reason: 'Ran longer than 5 ms' });

    expect(gitFailure('fetch', late, [])).toMatchObject({
      code: 'WORKSPACES_GIT_FAILED',
      message: 'git fetch did not end well: Ran longer than 5 ms',
    });
    expect(gitFailure('fetch', { ...late, reason: null }, []).message).toContain('timed_out');
  });

  it('quotes a server in one bounded line, without control characters and secrets', () => {
    const { message } = gitFailure('push', result(`remote: \u001b[31ms3cret\r\nx ${'y'.repeat(2000)}`), ['s3cret']);

    expect(message).toContain('remote: [31m[secret] x yyy');
    expect(message.length).toBeLessThan(800);
  });
});
