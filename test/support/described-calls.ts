import type { FakeGitea } from '../../src/testing/index.js';

/**
 * Asks a fake Gitea for everything it has, with success and without, so that each answer can be held against Gitea's
 * description. Whoever adds a route adds a call here.
 */
export async function describedCalls(gitea: FakeGitea): Promise<void> {
  for (const login of ['ann', 'bot', 'eve']) gitea.createUser(login);
  gitea.createUser('root', { isAdmin: true });
  const repository = await gitea.createRepository({
    owner: 'ann',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { bot: 'write' },
  });
  const commit = await gitea.commit(repository, { branch: 'work', files: { 'a.txt': 'a\n' } }, { by: 'ann' });
  await gitea.commit(repository, { branch: 'more', files: { 'b.txt': 'b\n' } }, { by: 'ann' });
  await gitea.commit(repository, { branch: 'README', files: { 'README.md': 'Ours\n' } }, { by: 'ann' });
  const tokens = new Map(['ann', 'bot', 'eve', 'root'].map((login) => [login, gitea.createToken(login)]));
  const ask = async (method: string, path: string, body?: unknown, by = 'ann'): Promise<Record<string, unknown>> => {
    const response = await fetch(`${gitea.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `token ${tokens.get(by) ?? by}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const R = '/repos/ann/shop';

  for (const path of ['/version', '/settings/api', '/user', '/users/ann', '/users/nobody']) await ask('GET', path);
  await ask('GET', '/user', undefined, 'an unknown token');
  for (const path of ['', '/branches', '/branches/main', '/branches/none', '/assignees']) await ask('GET', R + path);
  for (const login of ['ann', 'bot', 'nobody']) await ask('GET', `${R}/collaborators/${login}/permission`);
  await ask('GET', `${R}/collaborators/ann/permission`, undefined, 'eve');

  // Teams.
  await ask('GET', `${R}/teams`);
  await gitea.createRepository({ owner: 'acme', name: 'tools' });
  gitea.createTeam('acme', { name: 'code', units: { 'repo.code': 'write', 'repo.wiki': 'read' }, members: ['ann'] });
  const [team] = (await ask('GET', '/repos/acme/tools/teams')) as unknown as readonly { readonly id: number }[];
  const members = `/teams/${team?.id}/members`;
  for (const login of ['ann', 'bot', 'nobody']) await ask('GET', `${members}/${login}`);
  await ask('GET', `${members}/ann`, undefined, 'eve');

  // Issues, comments, labels.
  const bug = await ask('POST', `${R}/labels`, { name: 'bug', color: '#ff0000', description: 'Wrong' });
  const state = await ask('POST', `${R}/labels`, { name: 'state/a', color: '00ff00', exclusive: true });
  await ask('POST', `${R}/labels`, { name: 'red', color: 'red' });
  await ask('GET', `${R}/labels?page=1&limit=2`);
  await ask('GET', '/orgs/bot/labels');
  gitea.createOrganizationLabel('ann', 'shared');
  await ask('GET', '/orgs/ann/labels');
  await ask('POST', `${R}/issues`, { title: 'First', body: 'Do it', assignees: ['bot'], labels: [bug['id']] });
  await ask('POST', `${R}/issues`, { title: 'Second' });
  await ask('POST', `${R}/issues`, { title: 'Third' });
  await ask('POST', `${R}/issues`, { title: 'Nobody', assignees: ['nobody'] });
  await ask('POST', `${R}/issues`, {});
  await ask('PATCH', `${R}/issues/1`, { title: 'First of all', body: 'Do it well', assignees: ['ann', 'bot'] });
  await ask('PATCH', `${R}/issues/1`, { assignees: ['nobody'] });
  await ask('PATCH', `${R}/issues/1`, { title: 'Mine' }, 'eve');
  for (const state of ['closed', 'open', 'ajar']) await ask('PATCH', `${R}/issues/2`, { state });
  await ask('GET', '/repos/issues/search?assigned=true&state=open&type=issues&page=1&limit=50', undefined, 'bot');
  await ask('GET', `${R}/issues?state=all&type=issues&labels=bug&assigned_by=bot`);
  for (const number of [1, 2, 99]) await ask('GET', `${R}/issues/${number}`);
  const comment = await ask('POST', `${R}/issues/1/comments`, { body: 'Please' });
  await ask('POST', `${R}/issues/1/comments`, {});
  await ask('PATCH', `${R}/issues/comments/${String(comment['id'])}`, { body: 'Please do' });
  await ask('PATCH', `${R}/issues/comments/${String(comment['id'])}`, { body: 'No' }, 'eve');
  for (const number of [1, 99]) await ask('GET', `${R}/issues/${number}/comments`);
  await ask('GET', `${R}/issues/comments/${String(comment['id'])}`);
  await ask('GET', `${R}/issues/comments/4711`);
  await ask('GET', `${R}/issues/1/comments?since=2020-01-01T00:00:00Z&before=2100-01-01T00:00:00Z`);
  await ask('GET', `${R}/issues/1/timeline?since=2020-01-01T00:00:00Z&page=1&limit=1`);
  await ask('GET', `${R}/issues/1/timeline?since=yesterday`);
  await ask('DELETE', `${R}/issues/comments/${String(comment['id'])}`);
  await ask('DELETE', `${R}/issues/comments/4711`);
  for (const labels of [[state['id']], [4711], ['bug'], [state['id'], 'bug']]) {
    await ask('POST', `${R}/issues/1/labels`, { labels });
  }
  await ask('PUT', `${R}/issues/1/labels`, { labels: [bug['id'], state['id']] });
  await ask('GET', `${R}/issues/1/labels`);
  await ask('DELETE', `${R}/issues/1/labels/${String(bug['id'])}`);
  await ask('DELETE', `${R}/issues/1/labels/4711`);
  await ask('DELETE', `${R}/issues/1/labels`);
  await ask('DELETE', `${R}/labels/${String(bug['id'])}`);
  await ask('DELETE', `${R}/labels/4711`);

  // What blocks what, and then what happened.
  const meta = (index: number): object => ({ index, owner: 'ann', repo: 'shop' });
  for (const path of ['dependencies', 'blocks']) {
    await ask('POST', `${R}/issues/1/${path}`, meta(path === 'blocks' ? 3 : 2));
    await ask('POST', `${R}/issues/1/${path}`, meta(path === 'blocks' ? 3 : 2));
    await ask('POST', `${R}/issues/1/${path}`, { index: 2 });
    await ask('GET', `${R}/issues/1/${path}?page=1&limit=50`);
  }
  await ask('PATCH', `${R}/issues/1`, { state: 'closed' });
  await ask('DELETE', `${R}/issues/1/dependencies`, meta(2));
  await ask('DELETE', `${R}/issues/1/blocks`, meta(3));
  await ask('DELETE', `${R}/issues/1/blocks`, meta(3));
  await ask('GET', `${R}/issues/1/timeline?page=1&limit=50`);

  // Pull requests, from their opening to their merge.
  await ask('POST', `${R}/pulls`, { head: 'work', base: 'main', title: 'Work', body: 'Closes #3' });
  await ask('POST', `${R}/pulls`, { head: 'work', base: 'main', title: 'Again' });
  await ask('POST', `${R}/pulls`, { head: 'main', base: 'main', title: 'Nothing' });
  await ask('POST', `${R}/pulls`, { head: 'none', base: 'main', title: 'Nothing' });
  await ask('PATCH', `${R}/pulls/4`, { body: 'Closes #3 well' });
  await ask('GET', `${R}/pulls?state=open&page=1&limit=50`);
  for (const path of ['4', '99', 'main/work', 'main/none']) await ask('GET', `${R}/pulls/${path}`);
  await ask('GET', `${R}/issues/4`);
  await ask('POST', `${R}/issues/4/comments`, { body: 'Looks fine' });
  await ask('GET', `${R}/issues/4/comments`);

  // Reviews.
  const remarks = [{ path: 'a.txt', body: 'Why a?', new_position: 1 }];
  const review = await ask(
    'POST',
    `${R}/pulls/4/reviews`,
    { event: 'REQUEST_CHANGES', body: 'No', comments: remarks },
    'bot',
  );
  await ask('POST', `${R}/pulls/4/reviews`, { event: 'APPROVED', body: 'Mine' });
  await ask('GET', `${R}/pulls/4/reviews?page=1&limit=50`);
  for (const id of [review['id'], 4711]) {
    await ask('GET', `${R}/pulls/4/reviews/${String(id)}/comments`);
    const settled = { message: 'Settled', priors: false };
    for (const by of ['ann', 'bot']) await ask('POST', `${R}/pulls/4/reviews/${String(id)}/dismissals`, settled, by);
  }

  // Statuses.
  await ask('GET', `${R}/commits/${commit}/status`);
  await ask('POST', `${R}/statuses/${commit}`, {
    context: 'mosaic/test',
    state: 'success',
    description: '',
    target_url: '',
  });
  await ask('POST', `${R}/statuses/${'0'.repeat(40)}`, { context: 'mosaic/test', state: 'success' });
  for (const path of [`commits/${commit}/status`, `commits/${commit}/statuses`, `statuses/${commit}`]) {
    await ask('GET', `${R}/${path}`);
  }

  await ask('POST', `${R}/pulls/4/merge`, { Do: 'merge' });
  await ask('POST', `${R}/pulls/4/merge`, { Do: 'merge' });
  await ask('GET', `${R}/pulls/4`);
  await ask('GET', `${R}/pulls?state=closed`);

  // Hooks.
  const config = { url: 'http://127.0.0.1:9/webhook/gitea', content_type: 'json', secret: 'a secret' };
  const wanted = { type: 'gitea', active: true, events: ['issues'], config };
  const places = [
    [R, 'ann'],
    ['/orgs/ann', 'ann'],
    ['/admin', 'root'],
  ] as const;
  for (const [place, by] of places) {
    const hook = await ask('POST', `${place}/hooks`, wanted, by);
    await ask('POST', `${place}/hooks`, wanted, 'eve');
    await ask('GET', `${place}/hooks?page=1`, undefined, by);
    if (place === R) {
      await ask('PATCH', `${R}/hooks/${String(hook['id'])}`, { active: true, events: ['issues_only'] });
      await ask('POST', `${R}/hooks/${String(hook['id'])}/tests`);
    }
    await ask('DELETE', `${place}/hooks/${String(hook['id'])}`, undefined, by);
    await ask('DELETE', `${place}/hooks/4711`, undefined, by);
  }

  // Files and branches.
  const content = Buffer.from('gates: {}\n').toString('base64');
  const proposal = { content, message: 'Propose', branch: 'main', new_branch: 'proposal' };
  await ask('POST', `${R}/contents/.mosaic/coordinator.yml`, proposal);
  await ask('POST', `${R}/contents/.mosaic/coordinator.yml`, proposal);
  for (const ref of ['main', 'proposal']) await ask('GET', `${R}/contents/.mosaic/coordinator.yml?ref=${ref}`);
  for (const name of ['later', 'later']) await ask('POST', `${R}/branches`, { new_branch_name: name });
  await ask('GET', `${R}/branches/later`);
  for (const name of ['later', 'later', 'main']) await ask('DELETE', `${R}/branches/${name}`);

  // Accounts, and repositories of their own.
  const account = { username: 'new', email: 'new@example.org', password: 'a password', must_change_password: false };
  for (const by of ['root', 'root', 'eve']) await ask('POST', '/admin/users', account, by);
  await ask('PUT', `${R}/collaborators/new`, { permission: 'write' });
  for (const login of ['new', 'new', 'none']) await ask('DELETE', `${R}/collaborators/${login}`);
  const token = await fetch(`${gitea.url}/api/v1/users/new/tokens`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from('new:a password').toString('base64')}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ name: 'of tests', scopes: ['all'] }),
  });
  tokens.set('new', ((await token.json()) as { readonly sha1: string }).sha1);
  await ask('POST', '/users/new/tokens', { name: 'another', scopes: ['all'] }, 'new');
  for (const name of ['own', 'own', 'other']) await ask('POST', '/user/repos', { name, auto_init: true }, 'new');
  await ask('DELETE', '/repos/new/own', undefined, 'new');
  await ask('DELETE', '/admin/users/new', undefined, 'root');
  await ask('DELETE', '/admin/users/new?purge=true', undefined, 'root');

  await ask('DELETE', `${R}/issues/2`);
  await ask('DELETE', `${R}/issues/1`, undefined, 'bot');
  gitea.archive(repository);
  await ask('POST', `${R}/issues`, { title: 'Late' });
  await gitea.idle();
}
