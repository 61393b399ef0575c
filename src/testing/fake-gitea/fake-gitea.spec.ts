import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeGitea } from './fake-gitea.js';
import type { FakeGiteaOptions, RepositoryOptions } from './fake-gitea.types.js';
import { runGit, tryGit } from './run-git.js';

const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin';
const endings: (() => Promise<unknown>)[] = [];

describe('FakeGitea', () => {
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function start(options: FakeGiteaOptions = {}): Promise<FakeGitea> {
    const gitea = await FakeGitea.start({ users: ['ann', 'bot'], ...options });
    endings.push(() => gitea.close());
    return gitea;
  }

  async function startWithRepository(options: Partial<RepositoryOptions> = {}, server: FakeGiteaOptions = {}) {
    const gitea = await start(server);
    const repository = await gitea.createRepository({
      owner: 'ann',
      name: 'shop',
      files: { 'README.md': 'Hello\n', 'bin/run': { content: '#!/bin/sh\n', isExecutable: true } },
      collaborators: { bot: 'write' },
      ...options,
    });
    const token = gitea.createToken('bot');
    const api = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${gitea.url}/api/v1${path}`, {
        method,
        headers: { Authorization: `token ${token}`, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
    };
    return { gitea, repository, token, api };
  }

  async function directory() {
    const created = await mkdtemp(join(tmpdir(), 'fake-gitea-clone-'));
    endings.push(() => rm(created, { recursive: true }));
    return { directory: created, searchPath: SEARCH_PATH };
  }

  function withToken(url: string, token: string): string {
    return url.replace('http://', `http://bot:${token}@`);
  }

  describe('over git', () => {
    it('lets anybody clone a public repository', async () => {
      const { repository } = await startWithRepository();
      const place = await directory();

      await runGit(place, ['clone', '--quiet', repository.cloneUrl, 'clone']);

      expect(await readFile(join(place.directory, 'clone', 'README.md'), 'utf8')).toBe('Hello\n');
    });

    it('shows a private repository to nobody without a token', async () => {
      const { repository, token } = await startWithRepository({ private: true });
      const place = await directory();

      const refused = await tryGit(place, ['clone', '--quiet', repository.cloneUrl, 'refused']);
      const allowed = await tryGit(place, ['clone', '--quiet', withToken(repository.cloneUrl, token), 'clone']);

      expect(refused.exitCode).not.toBe(0);
      expect(allowed.exitCode).toBe(0);
    });

    it('takes a push with the token and refuses one without', async () => {
      const { gitea, repository, token } = await startWithRepository();
      const place = await directory();
      await runGit(place, ['clone', '--quiet', repository.cloneUrl, '.']);
      await writeFile(join(place.directory, 'new.txt'), 'new\n');
      await runGit(place, ['add', '.']);
      await runGit(place, ['-c', 'user.name=bot', '-c', 'user.email=bot@localhost', 'commit', '-qm', 'New']);

      const refused = await tryGit(place, ['push', '-q', repository.cloneUrl, 'HEAD:refs/heads/work']);
      const allowed = await tryGit(place, [
        'push',
        '-q',
        withToken(repository.cloneUrl, token),
        'HEAD:refs/heads/work',
      ]);

      expect(refused.exitCode).not.toBe(0);
      expect(allowed).toMatchObject({ exitCode: 0 });
      expect(await gitea.readFile(repository, 'work', 'new.txt')).toBe('new\n');
    });
  });

  it('answers an issue without assignees with null and not with an empty list', async () => {
    const { gitea, repository, api } = await startWithRepository();
    gitea.openIssue(repository, { title: 'A', body: 'B' }, { by: 'ann' });

    const { status, body } = await api('GET', '/repos/ann/shop/issues/1');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      number: 1,
      title: 'A',
      assignee: null,
      assignees: null,
      labels: [],
      pull_request: null,
    });
  });

  it('merges a pull request for real and closes the issue it names', async () => {
    const { gitea, repository, api } = await startWithRepository();
    gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
    await gitea.commit(repository, { branch: 'work', files: { 'new.txt': 'new\n' } }, { by: 'bot' });
    const created = await api('POST', '/repos/ann/shop/pulls', {
      head: 'work',
      base: 'main',
      title: 'New',
      body: 'Closes #1',
    });

    await gitea.mergePullRequest(repository, 2, { by: 'ann' });

    expect(created.status).toBe(201);
    expect(await gitea.readFile(repository, 'main', 'new.txt')).toBe('new\n');
    expect(gitea.issue({ ...repository, number: 1 }).state).toBe('closed');
    expect(gitea.issue({ ...repository, number: 2 }).pull).toMatchObject({
      mergeCommit: await gitea.resolve(repository, 'main'),
    });
  });
});
