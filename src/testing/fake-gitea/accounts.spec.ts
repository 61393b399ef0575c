import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeGitea } from './fake-gitea.js';

const endings: (() => Promise<unknown>)[] = [];

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}

async function start() {
  const gitea = await FakeGitea.start({ users: ['ann', 'eve'] });
  endings.push(() => gitea.close());
  gitea.createUser('root', { isAdmin: true });
  const root = gitea.createToken('root');
  const send = async (
    headers: Record<string, string>,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer> => {
    const response = await fetch(`${gitea.url}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as Answer['body']) };
  };
  const asRoot = (method: string, path: string, body?: object, sudo?: string): Promise<Answer> =>
    send({ Authorization: `token ${root}`, ...(sudo !== undefined && { Sudo: sudo }) }, method, path, body);
  const basic = (login: string, password: string): Record<string, string> => ({
    Authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
  });
  const account = { username: 'new', email: 'new@example.org', password: 'a password' };
  await asRoot('POST', '/admin/users', account);
  return { gitea, send, asRoot, basic };
}

describe('the accounts of FakeGitea', () => {
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  it('gives a token to whoever has the password, and to nobody by a token', async () => {
    const { send, basic } = await start();
    const wanted = { name: 'tests', scopes: ['read:user'] };
    const byPassword = basic('new', 'a password');

    const made = await send(byPassword, 'POST', '/users/new/tokens', wanted);
    const bearer = { Authorization: `token ${String(made.body?.['sha1'])}` };

    expect(made.status).toBe(201);
    expect(await send(bearer, 'GET', '/user')).toMatchObject({ status: 200, body: { login: 'new' } });
    expect(await send(bearer, 'POST', '/users/new/tokens', wanted)).toMatchObject({ status: 403 });
    expect(await send(byPassword, 'POST', '/users/ann/tokens', wanted)).toMatchObject({ status: 403 });
    expect(await send(byPassword, 'POST', '/users/new/tokens', { name: 'none' })).toMatchObject({ status: 400 });
    expect(await send(basic('new', 'another'), 'GET', '/user')).toMatchObject({ status: 401 });
    expect(await send(basic('ann', ''), 'GET', '/user')).toMatchObject({ status: 401 });
    expect(await send(basic('nobody', 'a password'), 'GET', '/user')).toMatchObject({ status: 401 });
  });

  it('gives no token by a token of every scope', async () => {
    const { gitea, send } = await start();
    const token = gitea.createToken('new');

    const answer = await send({ Authorization: `token ${token}` }, 'POST', '/users/new/tokens', { name: 'more' });

    expect(answer).toMatchObject({ status: 401, body: { message: 'auth required' } });
  });

  it('lets administrators act as others, and nobody else', async () => {
    const { gitea, send, asRoot } = await start();
    const eve = { Authorization: `token ${gitea.createToken('eve')}`, Sudo: 'ann' };

    expect(await asRoot('GET', '/user', undefined, 'Ann')).toMatchObject({ status: 200, body: { login: 'ann' } });
    expect(await asRoot('GET', '/user?sudo=eve')).toMatchObject({ status: 200, body: { login: 'eve' } });
    expect(await asRoot('GET', '/user', undefined, 'nobody')).toMatchObject({ status: 404 });
    expect(await send(eve, 'GET', '/user')).toMatchObject({ status: 403 });
  });

  it('deletes an account with what it owns, its tokens and its assignments, when it is told to purge', async () => {
    const { gitea, send, asRoot } = await start();
    const shop = await gitea.createRepository({ owner: 'ann', name: 'shop', collaborators: { new: 'write' } });
    const issue = gitea.openIssue(shop, { title: 'A', assignees: ['new'] }, { by: 'ann' });
    const token = { Authorization: `token ${gitea.createToken('new')}` };
    await send(token, 'POST', '/user/repos', { name: 'own', private: true });
    gitea.createHook({ owner: 'new', repo: 'own' }, { url: 'http://127.0.0.1:9/' });

    const refused = await asRoot('DELETE', '/admin/users/new');
    const deleted = await asRoot('DELETE', '/admin/users/new?purge=true');

    expect([refused.status, deleted.status]).toEqual([422, 204]);
    expect(await send(token, 'GET', '/user')).toMatchObject({ status: 401 });
    expect(await asRoot('GET', '/repos/new/own')).toMatchObject({ status: 404 });
    expect(gitea.issue(issue).assignees).toEqual([]);
    expect(await asRoot('DELETE', '/admin/users/new')).toMatchObject({ status: 404 });
  });

  it('takes read, write and admin for what a collaborator may do, and nothing else', async () => {
    const { gitea, asRoot } = await start();
    await gitea.createRepository({ owner: 'ann', name: 'shop' });
    const path = '/repos/ann/shop/collaborators/eve';

    const answers = [{ permission: 'admin' }, { permission: 'none' }, { permission: 'all' }, {}].map((body) =>
      asRoot('PUT', path, body, 'ann'),
    );

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 422, 422, 204]);
  });
});
