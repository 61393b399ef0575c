import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
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

  describe('its REST interface', () => {
    it('refuses unknown tokens, missing tokens and missing scopes', async () => {
      const { gitea, api } = await startWithRepository();
      const weak = gitea.createToken('ann', { scopes: ['read:issue'] });
      const gone = gitea.createToken('ann');
      gitea.revokeToken(gone);
      const ask = async (authorization: string, method = 'GET', path = '/user') => {
        const headers = { ...(authorization && { Authorization: authorization }), 'Content-Type': 'application/json' };
        const response = await fetch(`${gitea.url}/api/v1${path}`, { method, headers });
        return { status: response.status, message: ((await response.json()) as { message?: string }).message };
      };

      expect(await ask(`token ${gone}`)).toMatchObject({ status: 401 });
      expect(await ask('')).toEqual({ status: 401, message: 'token is required' });
      expect(await ask('', 'POST', '/repos/ann/shop/issues')).toMatchObject({ status: 401 });
      expect(await ask(`token ${weak}`)).toEqual({
        status: 403,
        message: expect.stringContaining('required=[read:user], token scope=read:issue'),
      });
      expect(await ask(`Bearer ${weak}`, 'GET', '/repos/ann/shop/issues')).toMatchObject({ status: 200 });
      expect(await ask(`Basic ${Buffer.from(`${weak}:x`).toString('base64')}`, 'GET', '/version')).toMatchObject({
        status: 200,
      });
      expect(await ask('Negotiate abc')).toMatchObject({ status: 401 });
      expect((await api('GET', '/nothing/here')).status).toBe(404);
      expect((await api('GET', '/users/%E0%A4%A')).status).toBe(404);
    });

    it('hides a private repository from whoever may not read it', async () => {
      const { gitea, api } = await startWithRepository();
      await gitea.createRepository({ owner: 'ann', name: 'secret', private: true });

      expect((await api('GET', '/repos/ann/secret')).status).toBe(404);
      expect((await api('GET', '/repos/ann/missing')).status).toBe(404);
    });

    it('answers 422 for another Content-Type and for what is no JSON object', async () => {
      const { gitea, token } = await startWithRepository();
      const post = async (contentType: string, body: string) => {
        const headers = { Authorization: `token ${token}`, 'Content-Type': contentType };
        const response = await fetch(`${gitea.url}/api/v1/repos/ann/shop/issues`, { method: 'POST', headers, body });
        return [response.status, ((await response.json()) as { message: string }).message];
      };

      expect(await post('text/plain', '{"title":"A"}')).toEqual([422, '[]: Unsupported Content-Type']);
      expect(await post('application/json', '{"title":')).toEqual([422, '[]: Deserialization']);
      expect(await post('application/json', '3')).toEqual([422, '[]: Deserialization']);
      expect(await post('application/json', '{}')).toEqual([422, '[Title]: Required']);
    });

    it('pages, cuts limits that are too large, and writes links with its root URL', async () => {
      const { gitea, repository, api } = await startWithRepository(
        {},
        { rootUrl: 'https://git.example.com/', defaultPageSize: 2, largestPageSize: 3 },
      );
      for (const title of ['1', '2', '3', '4', '5']) gitea.openIssue(repository, { title }, { by: 'ann' });

      const first = await api('GET', '/repos/ann/shop/issues?limit=99');
      const second = await api('GET', '/repos/ann/shop/issues?page=2&limit=-1');

      expect(first.body.map((issue: { number: number }) => issue.number)).toEqual([5, 4, 3]);
      expect(first.headers.get('x-total-count')).toBe('5');
      expect(first.headers.get('link')).toBe(
        '<https://git.example.com/api/v1/repos/ann/shop/issues?limit=99&page=2>; rel="next",' +
          '<https://git.example.com/api/v1/repos/ann/shop/issues?limit=99&page=2>; rel="last"',
      );
      expect(second.body.map((issue: { number: number }) => issue.number)).toEqual([3, 2]);
      expect(second.headers.get('link')).toMatch(/rel="last".*rel="first".*rel="prev"/);
      expect((await api('GET', '/settings/api')).body).toMatchObject({ max_response_items: 3, default_paging_num: 2 });
    });

    it('filters issues as Gitea does, unknown labels being no filter', async () => {
      const { gitea, repository, api } = await startWithRepository();
      gitea.openIssue(repository, { title: '1', labels: ['bug'], assignees: ['bot'] }, { by: 'ann' });
      gitea.openIssue(repository, { title: '2' }, { by: 'ann' });
      const closed = gitea.openIssue(repository, { title: '3' }, { by: 'ann' });
      gitea.closeIssue(closed, { by: 'ann' });
      await gitea.commit(repository, { branch: 'work', files: { a: 'a' } }, { by: 'bot' });
      gitea.openPullRequest(repository, { title: '4', head: 'work' }, { by: 'bot' });
      const numbers = async (query: string) => {
        const { status, body } = await api('GET', `/repos/ann/shop/issues?${query}`);
        return status === 200 ? body.map((issue: { number: number }) => issue.number) : status;
      };

      expect(await numbers('')).toEqual([4, 2, 1]);
      expect(await numbers('type=issues&state=all')).toEqual([3, 2, 1]);
      expect(await numbers('type=pulls')).toEqual([4]);
      expect(await numbers('labels=bug')).toEqual([1]);
      expect(await numbers('labels=nonsense')).toEqual([4, 2, 1]);
      expect(await numbers('assigned_by=bot')).toEqual([1]);
      expect(await numbers('assigned_by=nobody')).toBe(404);
      expect((await api('GET', '/repos/issues/search?assigned=true')).body).toMatchObject([{ number: 1 }]);
    });

    it('answers 201 to an edit, and applies the title before it fails on an assignee', async () => {
      const { gitea, repository, api } = await startWithRepository();
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

      const edited = await api('PATCH', '/repos/ann/shop/issues/1', { body: 'B', assignees: ['bot'], state: 'closed' });
      const failed = await api('PATCH', '/repos/ann/shop/issues/1', { title: 'C', assignees: ['nobody'] });

      expect(edited).toMatchObject({ status: 201, body: { body: 'B', assignee: { login: 'bot' }, state: 'closed' } });
      expect(failed).toMatchObject({ status: 500, body: { message: '' } });
      expect(gitea.issue(ref).title).toBe('C');
      expect(await api('PATCH', '/repos/ann/shop/issues/1', { state: 'lost' })).toMatchObject({ status: 412 });
      expect(await api('PATCH', '/repos/ann/shop/issues/1', { state: 'open' })).toMatchObject({ status: 201 });
    });

    it('opens issues, without assignees and labels for who may not write', async () => {
      const { gitea, repository, api, token } = await startWithRepository({ collaborators: { bot: 'read' } });
      const label = gitea.createLabel(repository, { name: 'bug' });
      const wish = { title: 'A', assignees: ['bot'], labels: [label] };

      const asReader = await api('POST', '/repos/ann/shop/issues', wish);
      gitea.setAccess(repository, 'bot', 'write');
      const asWriter = await api('POST', '/repos/ann/shop/issues', wish);
      const unknown = await api('POST', '/repos/ann/shop/issues', { ...wish, assignees: ['nobody'] });

      expect(token).toMatch(/^[0-9a-f]{40}$/);
      expect(asReader).toMatchObject({ status: 201, body: { assignees: null, labels: [] } });
      expect(asWriter).toMatchObject({ body: { assignees: [{ login: 'bot' }], labels: [{ name: 'bug' }] } });
      expect(unknown.status).toBe(422);
    });

    it('answers 403 without a body to an edit of what belongs to others', async () => {
      const { gitea, repository, api } = await startWithRepository({ collaborators: { bot: 'read' } });
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      const comment = gitea.comment(ref, 'Hello', { by: 'ann' });

      expect(await api('PATCH', '/repos/ann/shop/issues/1', { title: 'B' })).toMatchObject({ status: 403, body: null });
      expect(await api('PATCH', `/repos/ann/shop/issues/comments/${comment}`, { body: 'B' })).toMatchObject({
        status: 403,
        body: null,
      });
      expect((await api('POST', '/repos/ann/shop/labels', { name: 'x', color: '#ffffff' })).status).toBe(403);
      expect((await api('DELETE', '/repos/ann/shop/issues/1')).status).toBe(403);
      expect((await api('GET', '/repos/ann/shop/hooks')).status).toBe(403);
    });

    it('gives every comment at once, and 500 for those of an issue that is not there', async () => {
      const { gitea, repository, api } = await startWithRepository({}, { largestPageSize: 1, defaultPageSize: 1 });
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      for (const text of ['1', '2', '3']) gitea.comment(ref, text, { by: 'ann' });

      const all = await api('GET', '/repos/ann/shop/issues/1/comments?page=2&limit=1');

      expect(all.body).toHaveLength(3);
      expect(all.headers.get('x-total-count')).toBe('3');
      expect(await api('GET', '/repos/ann/shop/issues/9/comments')).toMatchObject({
        status: 500,
        body: { message: '' },
      });
      expect((await api('POST', '/repos/ann/shop/issues/9/comments', { body: 'x' })).status).toBe(500);
      expect((await api('POST', '/repos/ann/shop/issues/1/comments', { body: '' })).status).toBe(422);
      expect((await api('PATCH', '/repos/ann/shop/issues/comments/9999', { body: 'x' })).status).toBe(404);
    });

    it('tells who was assigned and removed in the timeline alone', async () => {
      const { gitea, repository, api } = await startWithRepository();
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      gitea.assign(ref, ['bot'], { by: 'ann' });
      gitea.unassign(ref, ['bot'], { by: 'ann' });

      const { body, headers } = await api('GET', '/repos/ann/shop/issues/1/timeline?limit=1&page=2');

      expect(body).toMatchObject([{ type: 'assignees', assignee: { login: 'bot' }, removed_assignee: true }]);
      expect(headers.get('x-total-count')).toBe('1');
    });

    it('makes labels of one name twice, sets both by name, and skips what it does not know', async () => {
      const { gitea, repository, api } = await startWithRepository();
      gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      const label = { name: 'bug', color: '#FF0000' };
      const [one, two] = [
        await api('POST', '/repos/ann/shop/labels', label),
        await api('POST', '/repos/ann/shop/labels', label),
      ];
      const path = '/repos/ann/shop/issues/1/labels';

      expect(one).toMatchObject({ status: 201, body: { name: 'bug', color: 'ff0000', exclusive: false } });
      expect((await api('POST', path, { labels: ['bug', 'unknown'] })).body).toHaveLength(2);
      expect((await api('PUT', path, { labels: [two.body.id, 4711] })).body).toMatchObject([{ id: two.body.id }]);
      expect((await api('POST', path, { labels: ['bug', 1] })).status).toBe(400);
      expect((await api('DELETE', `${path}/${two.body.id}`)).status).toBe(204);
      expect((await api('DELETE', `${path}/4711`)).status).toBe(422);
      expect((await api('DELETE', path)).status).toBe(204);
      expect((await api('POST', '/repos/ann/shop/labels', { ...label, color: 'red' })).status).toBe(422);
      expect((await api('DELETE', `/repos/ann/shop/labels/${one.body.id}`)).status).toBe(204);
      expect((await api('DELETE', `/repos/ann/shop/labels/${one.body.id}`)).status).toBe(404);
      expect((await api('GET', '/repos/ann/shop/labels')).body).toHaveLength(1);
    });

    it('takes labels by id only before 1.22', async () => {
      const { gitea, repository, api } = await startWithRepository({}, { version: '1.21.0' });
      gitea.openIssue(repository, { title: 'A', labels: ['bug'] }, { by: 'ann' });

      expect((await api('POST', '/repos/ann/shop/issues/1/labels', { labels: ['bug'] })).status).toBe(422);
    });

    it('lets exclusive labels of one scope push each other out', async () => {
      const { gitea, repository } = await startWithRepository();
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      for (const name of ['state/a', 'state/b', 'other/a']) gitea.createLabel(repository, { name, exclusive: true });

      for (const name of ['state/a', 'other/a', 'state/b', 'plain']) gitea.addLabel(ref, name, { by: 'ann' });

      expect(gitea.issue(ref).labels.map(({ name }) => name)).toEqual(['other/a', 'state/b', 'plain']);
    });

    it('answers for dependencies with its own statuses', async () => {
      const { gitea, repository, api } = await startWithRepository();
      for (const title of ['1', '2', '3']) gitea.openIssue(repository, { title }, { by: 'ann' });
      const path = '/repos/ann/shop/issues/1/dependencies';
      const second = { index: 2, owner: 'ann', repo: 'shop' };

      expect(await api('POST', path, second)).toMatchObject({ status: 201, body: { number: 1 } });
      expect(await api('POST', path, second)).toMatchObject({ status: 500, body: { message: '' } });
      const circle = await api('POST', '/repos/ann/shop/issues/1/blocks', second);
      expect(circle).toMatchObject({ status: 500, body: { message: '' } });
      const first = await api('GET', `${path}?limit=1`);
      expect(first.body).toMatchObject([{ number: 2 }]);
      expect(first.headers.get('x-total-count')).toBe('1');
      expect((await api('GET', `${path}?page=2`)).body).toEqual([]);
      expect((await api('GET', '/repos/ann/shop/issues/2/blocks?limit=1')).body).toMatchObject([{ number: 1 }]);
      expect((await api('GET', '/repos/ann/shop/issues/2/blocks?limit=5')).body).toMatchObject([{ number: 1 }]);
      expect((await api('PATCH', '/repos/ann/shop/issues/1', { state: 'closed' })).status).toBe(412);
      expect(() => gitea.closeIssue({ ...repository, number: 1 }, { by: 'ann' })).toThrow(/open dependencies/);
      expect(await api('DELETE', path, second)).toMatchObject({ status: 201 });
      expect((await api('DELETE', path, second)).status).toBe(500);
      expect((await api('DELETE', '/repos/ann/shop/issues/2/blocks', second)).status).toBe(500);
      expect(await api('POST', path, { index: 2 })).toMatchObject({
        status: 400,
        body: 'CrossRepositoryDependencies not enabled',
      });
      expect((await api('POST', path, { ...second, owner: 'ANN' })).status).toBe(404);
      expect((await api('POST', path, { ...second, index: 99 })).status).toBe(404);
    });

    it('counts no dependencies before 1.26', async () => {
      const { gitea, repository, api } = await startWithRepository({}, { version: '1.25.4' });
      gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

      const { headers } = await api('GET', '/repos/ann/shop/issues/1/dependencies');

      expect(headers.get('x-total-count')).toBeNull();
    });

    it('lets an issue block itself, and then never closes it', async () => {
      const { gitea, repository, api } = await startWithRepository();
      gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

      const itself = { index: 1, owner: 'ann', repo: 'shop' };
      const { status } = await api('POST', '/repos/ann/shop/issues/1/dependencies', itself);

      expect(status).toBe(201);
      expect((await api('PATCH', '/repos/ann/shop/issues/1', { state: 'closed' })).status).toBe(412);
    });

    it('assigns nobody who may not see the repository', async () => {
      const { gitea, repository, api } = await startWithRepository({ private: true });
      gitea.createUser('stranger');
      gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

      const created = await api('POST', '/repos/ann/shop/issues', { title: 'B', assignees: ['stranger'] });
      const edited = await api('PATCH', '/repos/ann/shop/issues/1', { assignees: ['stranger'] });

      expect(created).toMatchObject({
        status: 422,
        body: { message: expect.stringContaining("doesn't have access to repo") },
      });
      expect(edited.status).toBe(500);
    });

    it('shows an entry without content for a blocker that may not be read', async () => {
      const { gitea, repository, api } = await startWithRepository();
      const secret = await gitea.createRepository({
        owner: 'ann',
        name: 'secret',
        private: true,
        hasDependencies: false,
      });
      const hidden = gitea.openIssue(secret, { title: 'Hidden', body: 'text' }, { by: 'ann' });
      const ref = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
      gitea.addDependency(ref, hidden);

      const asWriter = await api('GET', '/repos/ann/shop/issues/1/dependencies');
      gitea.setAccess(repository, 'bot', 'none');
      const asReader = await api('GET', '/repos/ann/shop/issues/1/dependencies');
      gitea.removeDependency(ref, hidden);

      expect(asWriter.body).toMatchObject([{ number: 0, title: '', body: '', repository: null }]);
      expect(asReader.body).toMatchObject([{ number: 0, title: 'HIDDEN' }]);
      expect(() => gitea.removeDependency(ref, hidden)).toThrow(/no such dependency/);
      expect(
        (await api('POST', '/repos/ann/shop/issues/1/dependencies', { index: 1, owner: 'ann', repo: 'shop' })).status,
      ).toBe(404);
    });

    it('answers for pull requests with its own statuses', async () => {
      const { gitea, repository, api } = await startWithRepository();
      await gitea.commit(repository, { branch: 'a/b', files: { a: 'a' } }, { by: 'bot' });
      const wish = { head: 'a/b', base: 'main', title: 'WIP: A' };
      const path = '/repos/ann/shop/pulls';

      expect((await api('POST', path, { ...wish, head: 'main' })).status).toBe(422);
      expect((await api('POST', path, { ...wish, head: 'missing' })).status).toBe(404);
      expect(await api('POST', path, wish)).toMatchObject({
        status: 201,
        body: { number: 1, draft: true, mergeable: true },
      });
      expect(await api('POST', path, wish)).toMatchObject({
        status: 409,
        body: {
          message: expect.stringMatching(/^pull request already exists for these targets \[id: \d+, issue_id: 1,/),
        },
      });
      expect((await api('GET', `${path}/main/a/b`)).body).toMatchObject({ number: 1 });
      expect((await api('GET', `${path}/main/x`)).status).toBe(404);
      expect((await api('GET', `${path}/1`)).body).toMatchObject({
        head: { ref: 'a/b' },
        base: { ref: 'main' },
        assignees: [],
        requested_reviewers: [],
      });
      expect((await api('PATCH', `${path}/1`, { title: 'A', state: 'closed' })).status).toBe(201);
      expect((await api('GET', path)).body).toEqual([]);
      expect((await api('GET', `${path}?state=all`)).body).toHaveLength(1);
      expect((await api('POST', `${path}/1/merge`, { Do: 'merge' })).status).toBe(404);
      expect((await api('PATCH', `${path}/1`, { state: 'open' })).status).toBe(201);
      expect((await api('POST', `${path}/1/merge`, {})).status).toBe(422);
      expect((await api('POST', `${path}/1/merge`, { do: 'squash' })).status).toBe(405);
      expect((await api('GET', path)).body).toMatchObject([{ assignees: null, requested_reviewers: null }]);
      expect((await api('POST', `${path}/1/merge`, { do: 'merge' })).status).toBe(200);
      expect(await api('POST', `${path}/1/merge`, { do: 'merge' })).toMatchObject({
        status: 405,
        body: { message: 'The PR is already merged' },
      });
      expect((await api('PATCH', `${path}/1`, { state: 'open' })).status).toBe(412);
      expect((await api('PATCH', '/repos/ann/shop/issues/1', { state: 'open' })).status).toBe(412);
      expect((await api('GET', '/repos/ann/shop/issues/1')).body).toMatchObject({ pull_request: { merged: true } });
      gitea.openIssue(repository, { title: 'An issue' }, { by: 'ann' });
      expect((await api('GET', `${path}/2`)).status).toBe(404);
      expect((await api('PATCH', `${path}/2`, {})).status).toBe(404);
    });

    it('answers 409 to a merge that conflicts, and 403 to an edit by a stranger', async () => {
      const { gitea, repository, api } = await startWithRepository();
      await gitea.commit(repository, { branch: 'work', files: { 'README.md': 'One\n' } }, { by: 'ann' });
      await gitea.commit(repository, { files: { 'README.md': 'Two\n' } }, { by: 'ann' });
      gitea.openPullRequest(repository, { title: 'A', head: 'work' }, { by: 'ann' });

      const merge = await api('POST', '/repos/ann/shop/pulls/1/merge', { Do: 'merge' });
      gitea.setAccess(repository, 'bot', 'read');
      const edit = await api('PATCH', '/repos/ann/shop/pulls/1', { title: 'B' });

      expect(merge.status).toBe(409);
      expect(edit).toMatchObject({ status: 403, body: null });
    });

    it('keeps every status of a commit, and combines the newest of each context', async () => {
      const { gitea, repository, api } = await startWithRepository();
      const commit = repository.commit ?? '';
      const other = await gitea.commit(repository, { files: { a: 'a' } }, { by: 'ann' });
      const path = `/repos/ann/shop/statuses/${commit}`;
      const none = await api('GET', `/repos/ann/shop/commits/${commit}/status`);

      expect(await api('POST', path, { state: 'pending', context: 'test' })).toMatchObject({
        status: 201,
        body: { id: 1, status: 'pending' },
      });
      await api('POST', path, { state: 'success', context: 'test' });
      await api('POST', path, { state: 'failure' });
      await api('POST', `/repos/ann/shop/statuses/${other}`, { state: 'success' });

      expect(none).toMatchObject({ status: 200, body: null });
      expect((await api('GET', path)).body.map(({ id }: { id: number }) => id)).toEqual([3, 2, 1]);
      expect((await api('GET', `/repos/ann/shop/commits/${commit}/status`)).body).toMatchObject({
        state: 'failure',
        total_count: 2,
        statuses: [{ status: 'success' }, { context: 'default' }],
      });
      expect((await api('GET', '/repos/ann/shop/commits/main/status')).body).toMatchObject({ sha: other });
      expect((await api('POST', '/repos/ann/shop/statuses/abc', { state: 'success' })).status).toBe(500);
      expect((await api('GET', '/repos/ann/shop/commits/abc/statuses')).status).toBe(404);
    });

    it('keeps hooks, whose secrets it never gives back', async () => {
      const { gitea, api, repository } = await startWithRepository({ collaborators: { bot: 'admin' } });
      const path = '/repos/ann/shop/hooks';
      const config = { url: 'http://127.0.0.1:1/hook', content_type: 'form', secret: 'x' };

      const { status, body } = await api('POST', path, { config, events: ['issues_only', 5] });
      expect({ status, body }).toMatchObject({
        status: 201,
        body: { active: false, events: ['issues'], config: { content_type: 'form' } },
      });
      expect(JSON.stringify(body)).not.toContain('secret');
      expect((await api('PATCH', `${path}/${body.id}`, { active: true })).body).toMatchObject({
        active: true,
        events: ['push'],
      });
      expect((await api('GET', path)).body).toHaveLength(1);
      expect((await api('POST', path, { config: { url: 'nowhere' } })).status).toBe(422);
      expect((await api('POST', path, {})).status).toBe(422);
      expect((await api('PATCH', `${path}/999`, {})).status).toBe(404);
      expect((await api('DELETE', `${path}/${body.id}`)).status).toBe(204);
      expect((await api('POST', path, { config: { url: 'http://a', secret: 1 }, active: true })).body).toMatchObject({
        active: true,
        config: { content_type: 'json' },
      });
      expect(gitea.issues(repository)).toEqual([]);
    });

    it('says who may do what to whom it concerns', async () => {
      const { gitea, api, repository } = await startWithRepository();
      const path = '/repos/ann/shop/collaborators';

      expect((await api('GET', `${path}/BOT/permission`)).body).toMatchObject({
        permission: 'write',
        user: { login: 'bot' },
      });
      expect((await api('GET', `${path}/ann/permission`)).status).toBe(403);
      gitea.setAccess(repository, 'bot', 'admin');
      expect((await api('GET', `${path}/ann/permission`)).body).toMatchObject({ permission: 'owner' });
      expect((await api('GET', `${path}/nobody/permission`)).status).toBe(404);
      expect((await api('GET', '/users/ann')).body).toMatchObject({ login: 'ann', username: 'ann' });
      expect((await api('GET', '/users/nobody')).status).toBe(404);
    });

    it('lists branches', async () => {
      const { gitea, api, repository } = await startWithRepository();
      await gitea.commit(repository, { branch: 'a/b', files: { a: 'a', 'README.md': null } }, { by: 'ann' });

      expect((await api('GET', '/repos/ann/shop/branches')).body).toMatchObject([{ name: 'a/b' }, { name: 'main' }]);
      expect((await api('GET', '/repos/ann/shop/branches/a/b')).body).toMatchObject({ name: 'a/b' });
      expect((await api('GET', '/repos/ann/shop/branches/c')).status).toBe(404);
      expect(await gitea.readFile(repository, 'a/b', 'README.md')).toBeNull();
    });

    it('answers 423 for an archived repository', async () => {
      const { gitea, api, repository } = await startWithRepository();
      gitea.archive(repository);

      expect((await api('POST', '/repos/ann/shop/issues', { title: 'A' })).status).toBe(423);
    });
  });

  it('refuses pushes to a protected branch', async () => {
    const { repository, token, gitea } = await startWithRepository({ protectedBranches: ['main'] });
    const place = await directory();
    const url = withToken(repository.cloneUrl, token);
    await runGit(place, ['clone', '--quiet', url, '.']);
    await runGit(place, ['-c', 'user.name=b', '-c', 'user.email=b@localhost', 'commit', '-qm', 'x', '--allow-empty']);

    const refused = await tryGit(place, ['push', '-q', url, 'HEAD:main']);
    const allowed = await tryGit(place, ['push', '-q', url, 'HEAD:work']);
    gitea.archive(repository);
    const archived = await tryGit(place, ['push', '-q', url, 'HEAD:other']);

    expect(refused.stderr).toContain('Not allowed to push to protected branch main');
    expect([allowed.exitCode, archived.exitCode === 0]).toEqual([0, false]);
  });

  it.each(['stall', 'done-but-stalled'] as const)('ends a connection that a %s keeps when it closes', async (kind) => {
    const gitea = await FakeGitea.start();
    const fault = gitea.faults.add({ path: /version/, kind });
    const asked = fetch(`${gitea.url}/api/v1/version`).then(
      () => 'answered',
      () => 'ended',
    );
    await fault.happened;

    await gitea.close();

    expect(await asked).toBe('ended');
  });

  it('counts, skips, removes and forgets faults', async () => {
    const gitea = await start();
    const ask = async () => (await fetch(`${gitea.url}/api/v1/version`)).status;
    const skipping = gitea.faults.add({
      path: /version/,
      method: 'get',
      skip: 1,
      times: 1,
      kind: 'status',
      status: 503,
    });
    const statuses = [await ask(), await ask(), await ask()];
    gitea.faults.add({ path: /version/, times: 9, kind: 'html' }).remove();
    gitea.faults.add({ path: /version/, method: 'POST', kind: 'html' });
    statuses.push(await ask());
    gitea.faults.add({ path: /version/, times: 9, kind: 'html' });
    gitea.faults.clear();
    statuses.push(await ask());

    expect(statuses).toEqual([200, 503, 200, 200, 200]);
    expect(skipping.count()).toBe(1);
    expect(() => gitea.faults.add({ path: /x/, times: -1, kind: 'reset' })).toThrow(/count from 0/);
  });

  it('says what it does not have', async () => {
    const { gitea, repository } = await startWithRepository();
    const ref = { ...repository, number: 9 };

    expect(() => gitea.issue(ref)).toThrow('There is no issue ann/shop#9');
    expect(() => gitea.openIssue(repository, { title: 'A' }, { by: 'nobody' })).toThrow(/no user nobody/);
    expect(() => gitea.openIssue({ owner: 'ann', repo: 'x' }, { title: 'A' }, { by: 'ann' })).toThrow(
      /no repository ann\/x/,
    );
    expect(() => gitea.openPullRequest(repository, { title: 'A', head: 'x' }, { by: 'ann' })).toThrow(/no branch x/);
    expect(() => gitea.replay('x')).toThrow(/no delivery x/);
    await expect(gitea.createRepository({ owner: 'ann', name: 'SHOP' })).rejects.toThrow(/exists already/);
    await expect(gitea.commit(repository, { files: { '../x': '' } }, { by: 'ann' })).rejects.toThrow(/no path inside/);
    await expect(gitea.commit(repository, { branch: '-x', files: {} }, { by: 'ann' })).rejects.toThrow(
      /no branch name/,
    );
    const own = gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });
    await expect(gitea.mergePullRequest(repository, own.number, { by: 'ann' })).rejects.toThrow(/no open pull request/);
    expect(() => gitea.editComment(own, 77, 'x', { by: 'ann' })).toThrow(/no comment 77/);
  });

  it('says so when there is no git', async () => {
    const gitea = await start({ searchPath: '/nonexistent' });

    await expect(gitea.createRepository({ owner: 'ann', name: 'x' })).rejects.toThrow(/git could not be started/);
  });

  describe('what goes wrong on purpose', () => {
    it('answers as it is told and does nothing, and leaves the request in its list', async () => {
      const { gitea, api, repository } = await startWithRepository();
      const path = '/repos/ann/shop/issues';
      const post = async () => {
        const response = await fetch(`${gitea.url}/api/v1${path}`, { method: 'POST', redirect: 'manual' });
        return [response.status, response.headers.get('retry-after'), (await response.text()).slice(0, 12)];
      };

      gitea.faults.add({ path: /issues/, kind: 'html' });
      gitea.faults.add({ path: /issues/, kind: 'html', status: 503 });
      gitea.faults.add({ path: /issues/, kind: 'retry-after', seconds: 7 });
      gitea.faults.add({ path: /issues/, kind: 'retry-after', seconds: 8, status: 503 });
      gitea.faults.add({ path: /issues/, kind: 'redirect', location: '/elsewhere' });
      gitea.faults.add({ path: /issues/, kind: 'oversized', bytes: 100 });
      gitea.faults.add({ path: /issues/, kind: 'pretend', status: 201, body: { id: 1 } });
      const answers = [
        await post(),
        await post(),
        await post(),
        await post(),
        await post(),
        await post(),
        await post(),
      ];

      expect(answers).toEqual([
        [502, null, '<html><body>'],
        [503, null, '<html><body>'],
        [429, '7', 'Slow down\n'],
        [503, '8', 'Slow down\n'],
        [307, null, ''],
        [200, null, '"xxxxxxxxxxx'],
        [201, null, '{"id":1}'],
      ]);
      gitea.faults.add({ path: /issues/, kind: 'reset' });
      await expect(api('POST', path, { title: 'A' })).rejects.toThrow(/fetch failed/);
      expect(gitea.requests.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 0));
      expect(gitea.issues(repository)).toEqual([]);
    });

    it('takes effect first where it says so', async () => {
      const { gitea, api, repository } = await startWithRepository();
      gitea.faults.add({ path: /issues/, kind: 'truncated' });
      gitea.faults.add({ path: /issues/, kind: 'done-but-timed-out' });

      await expect(api('POST', '/repos/ann/shop/issues', { title: 'A' })).rejects.toThrow(SyntaxError);
      await expect(api('POST', '/repos/ann/shop/issues', { title: 'B' })).rejects.toThrow(/fetch failed/);

      expect(gitea.issues(repository).map(({ title }) => title)).toEqual(['A', 'B']);
    });

    it('loses the answer to a push that took effect', async () => {
      const { gitea, repository, token } = await startWithRepository();
      const place = await directory();
      const url = withToken(repository.cloneUrl, token);
      await runGit(place, ['clone', '--quiet', url, '.']);
      gitea.faults.add({ path: /git-receive-pack$/, kind: 'done-but-timed-out' });

      const pushed = await tryGit(place, ['push', '-q', url, 'HEAD:refs/heads/work']);

      expect(pushed.exitCode).not.toBe(0);
      expect(await gitea.resolve(repository, 'work')).toBe(repository.commit);
    });

    it('closes a connection whose request ends too early', async () => {
      const { gitea, token } = await startWithRepository();
      const socket = connect(Number(new URL(gitea.url).port), '127.0.0.1');
      const closed = new Promise((resolve) => socket.on('close', resolve));

      socket.end(
        `POST /api/v1/repos/ann/shop/issues HTTP/1.1\r\nHost: x\r\nAuthorization: token ${token}\r\nContent-Length: 9\r\n\r\n{`,
      );
      socket.resume();
      await closed;

      expect(gitea.requests).toEqual([]);
    });
  });

  it('asks git for its credentials when the token is unknown, and hides what a token may not see', async () => {
    const { gitea, repository, token } = await startWithRepository({ private: true, collaborators: {} });
    const ask = async (authorization: string, path = '/ann/shop.git/info/refs?service=git-upload-pack') => {
      const headers = { ...(authorization && { Authorization: authorization }) };
      const response = await fetch(`${gitea.url}${path}`, { headers });
      await response.text();
      return [response.status, response.headers.get('www-authenticate')];
    };

    expect(repository.cloneUrl).toContain('/ann/shop.git');
    expect(await ask('token unknown')).toEqual([401, 'Basic realm="Gitea"']);
    expect(await ask('')).toEqual([401, 'Basic realm="Gitea"']);
    expect(await ask(`token ${token}`)).toEqual([404, null]);
    gitea.setAccess(repository, 'bot', 'read');
    expect(await ask(`token ${token}`)).toEqual([200, null]);
    expect(await ask(`token ${token}`, '/ann/shop/info/refs?service=git-receive-pack')).toEqual([403, null]);
  });

  it('serves large and compressed requests of git', async () => {
    const { gitea, repository, token } = await startWithRepository();
    const place = await directory();
    const url = withToken(repository.cloneUrl, token);
    await runGit(place, ['clone', '--quiet', url, '.']);
    await writeFile(join(place.directory, 'large.bin'), randomBytes(3_000_000));
    await runGit(place, ['add', '.']);
    await runGit(place, ['-c', 'user.name=b', '-c', 'user.email=b@x', 'commit', '-qm', 'Large']);
    // So many commits that what a fetch says it has is compressed.
    const commits = Array.from({ length: 40 }, () => 'commit refs/heads/main\ncommitter b <b@x> 1 +0000\ndata 0\n');
    const input = `${commits.join('\n')}`.replace('data 0\n', 'data 0\nfrom refs/heads/main^0\n');
    await runGit(place, ['fast-import', '--quiet'], { input });
    await runGit(place, ['push', '-q', url, 'main:work']);
    await gitea.commit(repository, { branch: 'work', files: { more: 'more' } }, { by: 'ann' });

    await runGit(place, ['fetch', '-q', url, 'work']);

    expect(await runGit(place, ['rev-parse', 'FETCH_HEAD'])).toBe(await gitea.resolve(repository, 'work'));
  });

  it('lets an administrator do everything', async () => {
    const { gitea } = await startWithRepository({ private: true });
    gitea.createUser('root', { isAdmin: true });
    const headers = { Authorization: `token ${gitea.createToken('root')}` };

    const response = await fetch(`${gitea.url}/api/v1/repos/ann/shop`, { headers });

    expect(await response.json()).toMatchObject({ permissions: { admin: true } });
  });

  it('takes comments back, and deletes issues for who administers', async () => {
    const { gitea, repository, api } = await startWithRepository({ collaborators: { bot: 'admin' } });
    const ref = gitea.openIssue(repository, { title: 'A', labels: ['bug'] }, { by: 'ann' });
    const comment = gitea.comment(ref, 'Hello', { by: 'ann' });

    expect((await api('GET', '/repos/ann/shop/issues/1/labels')).body).toMatchObject([{ name: 'bug' }]);
    expect((await api('DELETE', `/repos/ann/shop/issues/comments/${comment}`)).status).toBe(204);
    expect((await api('GET', '/repos/ann/shop/issues/1/comments')).body).toEqual([]);
    gitea.deleteLabel(repository, gitea.labels(repository)[0]?.id ?? 0);
    expect(gitea.issue(ref).labels).toEqual([]);
    expect((await api('DELETE', '/repos/ann/shop/issues/1')).status).toBe(204);
    expect((await api('GET', '/repos/ann/shop/issues/1')).status).toBe(404);
  });

  it('has no dependencies where they are switched off', async () => {
    const { gitea, repository, api } = await startWithRepository({ hasDependencies: false });
    gitea.openIssue(repository, { title: 'A' }, { by: 'ann' });

    expect((await api('GET', '/repos/ann/shop/issues/1/dependencies')).status).toBe(404);
    expect((await api('GET', '/repos/ann/shop/issues/1/blocks')).body).toEqual([]);
  });

  it('reads every version there is', async () => {
    const { gitea } = await startWithRepository({}, { version: 'development' });

    expect(await (await fetch(`${gitea.url}/api/v1/version`)).json()).toEqual({ version: 'development' });
  });
});
