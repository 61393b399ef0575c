import { afterEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeGitea, type HookOptions } from './fake-gitea.js';
import type { FakeGiteaOptions } from './fake-gitea.types.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the webhooks of FakeGitea', () => {
  const endings: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function start(
    options: FakeGiteaOptions = {},
    hook: Partial<HookOptions> = {},
    answer: (response: ServerResponse) => void = (response) => response.end('ok'),
  ) {
    const received: Received[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    endings.push(() => {
      receiver.closeAllConnections();
      return new Promise((resolve) => receiver.close(resolve));
    });
    const gitea = await FakeGitea.start({ users: ['ann', 'bot', 'cem'], ...options });
    endings.push(() => gitea.close());
    const repository = await gitea.createRepository({ owner: 'ann', name: 'shop', files: { 'README.md': 'Hello\n' } });
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhook/gitea`;
    gitea.createHook(repository, { url, secret: 'a secret of enough letters', ...hook });
    const told = async () => {
      await gitea.idle();
      return received.map(({ headers, body }) => `${String(headers['x-gitea-event-type'])} ${JSON.parse(body).action}`);
    };
    return { gitea, repository, received, url, told };
  }

  const by = { by: 'ann' };

  it('signs the bytes it sends, and says what it is in every header Gitea has', async () => {
    const { gitea, repository, received } = await start({}, { authorization: 'Bearer x' });

    gitea.openIssue(repository, { title: 'A <b> & c' }, by);
    await gitea.idle();

    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const digest = (algorithm: string) =>
      createHmac(algorithm, 'a secret of enough letters').update(body).digest('hex');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Go-http-client/1.1',
      'x-gitea-event': 'issues',
      'x-gogs-event': 'issues',
      'x-github-event': 'issues',
      'x-gitea-event-type': 'issues',
      'x-gitea-delivery': gitea.deliveries[0]?.id,
      'x-gitea-signature': digest('sha256'),
      'x-gogs-signature': digest('sha256'),
      'x-hub-signature': `sha1=${digest('sha1')}`,
      'x-hub-signature-256': `sha256=${digest('sha256')}`,
      'x-gitea-hook-installation-target-type': 'repository',
      authorization: 'Bearer x',
    });
    expect(headers).not.toHaveProperty('x-forgejo-event');
    expect(body).toMatch(/^\{\n {2}"action": "opened",\n {2}"number": 1,\n {2}"issue": \{\n {4}"id": \d+,\n/);
    expect(body).toContain('"title": "A \\u003cb\\u003e \\u0026 c"');
    expect(gitea.deliveries).toMatchObject([{ event: 'issues', eventType: 'issues', status: 200, failure: null }]);
  });

  it('sends empty digests without a secret, and a form where it is asked for one', async () => {
    const { gitea, repository, received } = await start({}, { secret: '', contentType: 'form' });

    gitea.openIssue(repository, { title: 'A' }, by);
    await gitea.idle();

    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-gitea-signature': '',
      'x-hub-signature-256': 'sha256=',
    });
    expect(JSON.parse(new URLSearchParams(received[0]?.body).get('payload') ?? '')).toMatchObject({ action: 'opened' });
  });

  it('signs the JSON inside a form and not the form', async () => {
    const { gitea, repository, received } = await start({}, { contentType: 'form' });

    gitea.openIssue(repository, { title: 'A' }, by);
    await gitea.idle();

    const payload = new URLSearchParams(received[0]?.body).get('payload') ?? '';
    const digest = createHmac('sha256', 'a secret of enough letters').update(payload).digest('hex');
    expect(received[0]?.headers['x-gitea-signature']).toBe(digest);
  });

  it("adds Forgejo's headers where it is Forgejo", async () => {
    const { gitea, repository, received } = await start({ version: '11.0.1+gitea-1.22.0' });

    gitea.openIssue(repository, { title: 'A' }, by);
    await gitea.idle();

    expect(received[0]?.headers).toMatchObject({
      'x-forgejo-event': 'issues',
      'x-forgejo-signature': received[0]?.headers['x-gitea-signature'],
    });
    expect(received[0]?.headers).not.toHaveProperty('x-gitea-hook-installation-target-type');
  });

  it('sends once, whatever the receiver answers', async () => {
    const { gitea, repository, received } = await start({}, {}, (response) => response.writeHead(503).end());

    gitea.openIssue(repository, { title: 'A' }, by);
    await gitea.idle();

    expect(received).toHaveLength(1);
    expect(gitea.deliveries).toMatchObject([{ status: 503 }]);
  });

  it('gives a receiver up that takes too long, and one that hangs up', async () => {
    const { gitea, repository, url } = await start({ deliverTimeoutMs: 20 }, {}, () => undefined);
    gitea.createHook(repository, { url: 'http://127.0.0.1:1/' });

    gitea.openIssue(repository, { title: 'A' }, by);
    await gitea.idle();

    expect(url).toMatch(/webhook/);
    expect(gitea.deliveries.map(({ status, failure }) => [status, failure])).toEqual([
      [null, expect.any(String)],
      [null, expect.stringContaining('ECONNREFUSED')],
    ]);
  });

  it('replays the same bytes under a new id', async () => {
    const { gitea, repository, received } = await start();
    gitea.openIssue(repository, { title: 'A' }, by);

    const again = gitea.replay(gitea.deliveries[0]?.id ?? '');
    await gitea.idle();

    expect(again.id).not.toBe(gitea.deliveries[0]?.id);
    expect(received[1]?.body).toBe(received[0]?.body);
  });

  it('keeps deliveries back and sends of them what is chosen', async () => {
    const { gitea, repository, told } = await start();

    gitea.holdDeliveries();
    const ref = gitea.openIssue(repository, { title: 'A' }, by);
    gitea.closeIssue(ref, by);
    const before = await told();
    gitea.releaseDeliveries((held) => [...held].reverse().flatMap((one) => [one, one]));
    gitea.reopen(ref, by);
    gitea.releaseDeliveries();

    expect(before).toEqual([]);
    expect(await told()).toEqual([
      'issues closed',
      'issues closed',
      'issues opened',
      'issues opened',
      'issues reopened',
    ]);
  });

  it.each([
    ['1.26.4', ['issue_assign assigned', 'issues opened', 'issue_label label_updated']],
    ['1.27.0', ['issues opened', 'issue_label label_updated', 'issue_assign assigned']],
  ])('tells of a new issue in the order of %s', async (version, events) => {
    const { gitea, repository, told } = await start({ version });

    gitea.openIssue(repository, { title: 'A', assignees: ['bot'], labels: ['bug'] }, by);

    expect(await told()).toEqual(events);
  });

  it.each([
    ['1.26.4', [['bot'], ['bot', 'cem'], ['cem'], null]],
    ['1.27.0', [['bot', 'cem'], ['bot', 'cem'], null, null]],
  ])('sends one event for each assignee, with the list as %s has it', async (version, lists) => {
    const { gitea, repository, received } = await start({ version }, { events: ['issue_assign'] });
    const ref = gitea.openIssue(repository, { title: 'A' }, by);

    gitea.assign(ref, ['bot', 'cem'], by);
    gitea.unassign(ref, ['bot', 'cem'], by);
    await gitea.idle();

    const issues = received.map(({ body }) => JSON.parse(body).issue as { assignees: { login: string }[] | null });
    expect(issues.map(({ assignees }) => assignees?.map(({ login }) => login) ?? null)).toEqual(lists);
  });

  it('tells of edits, comments and labels, and not of what did not change', async () => {
    const { gitea, repository, told, received } = await start();
    const ref = gitea.openIssue(repository, { title: 'A', body: 'B' }, by);

    gitea.editIssue(ref, { title: 'C', body: 'B' }, by);
    const comment = gitea.comment(ref, 'Hello', by);
    gitea.editComment(ref, comment, 'Hello', by);
    gitea.editComment(ref, comment, 'Bye', by);
    gitea.deleteComment(ref, comment, by);
    gitea.addLabel(ref, 'bug', by);
    gitea.addLabel(ref, 'bug', by);
    gitea.removeLabel(ref, 'bug', by);
    gitea.addDependency(ref, gitea.openIssue(repository, { title: 'D' }, by));

    expect(await told()).toEqual([
      'issues opened',
      'issues edited',
      'issue_comment created',
      'issue_comment edited',
      'issue_comment deleted',
      'issue_label label_updated',
      'issue_label label_updated',
      'issue_label label_updated',
      'issues opened',
    ]);
    expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({ changes: { title: { from: 'A' } }, commit_id: '' });
    expect(JSON.parse(received[3]?.body ?? '')).toMatchObject({ changes: { body: { from: 'Hello' } }, is_pull: false });
  });

  it.each([
    ['1.24.0', ['issues opened', 'issues closed', 'issues reopened']],
    ['1.25.0', ['issues opened', 'issues closed', 'issues reopened', 'issues deleted']],
  ])('tells of a deletion from 1.25 on: %s', async (version, events) => {
    const { gitea, repository, told } = await start({ version });
    const ref = gitea.openIssue(repository, { title: 'A' }, by);
    const dependant = gitea.openIssue(repository, { title: 'B' }, by);
    gitea.addDependency(dependant, ref);

    gitea.closeIssue(ref, by);
    gitea.closeIssue(ref, by);
    gitea.reopen(ref, by);
    gitea.reopen(ref, by);
    gitea.deleteIssue(ref, by);

    expect((await told()).filter((_, at) => at !== 1)).toEqual(events);
    expect(gitea.issue(dependant).blockers.size).toBe(0);
  });

  it('tells of a pull request from its opening to its merge, and of the issue it closes', async () => {
    const { gitea, repository, told, received } = await start({}, { events: ['issues', 'pull_request', 'push'] });
    const issue = gitea.openIssue(repository, { title: 'A' }, by);
    const blocked = gitea.openIssue(repository, { title: 'B' }, by);
    gitea.addDependency(blocked, gitea.openIssue(repository, { title: 'C' }, by));
    await gitea.commit(repository, { branch: 'work', files: { a: '1' } }, by);
    const body = `Closes #${issue.number}, fixes ann/shop#${blocked.number}, closes other/repo#3, resolves #99`;
    const pull = gitea.openPullRequest(repository, { title: 'Work', body, head: 'work' }, by);
    gitea.comment(pull, 'Hello', by);
    const commit = await gitea.commit(repository, { branch: 'work', files: { a: '2' } }, by);

    await gitea.mergePullRequest(repository, pull.number, by);

    expect((await told()).slice(3)).toEqual([
      'push undefined',
      'pull_request opened',
      'pull_request_comment created',
      'push undefined',
      'pull_request_sync synchronized',
      'push undefined',
      'pull_request closed',
      'issues closed',
    ]);
    const merge = await gitea.resolve(repository, 'main');
    const bodies = received.map((one) => JSON.parse(one.body));
    expect(bodies[7]).toMatchObject({ after: commit, pull_request: { head: { sha: commit } } });
    expect(bodies[9]).toMatchObject({
      pull_request: { merged: true, merge_commit_sha: merge, merged_by: { login: 'ann' } },
    });
    expect(bodies[10]).toMatchObject({ number: issue.number, commit_id: merge });
    expect(received[5]?.headers['x-gitea-event']).toBe('issue_comment');
    expect(gitea.issue(blocked).state).toBe('open');
  });

  it('tells a system hook of every repository, and one without events of pushes only', async () => {
    const { gitea, url, received } = await start({}, { events: [] });
    gitea.createHook(null, { url, events: ['issues_only', 'status', 'all'] });
    const other = await gitea.createRepository({ owner: 'ann', name: 'other' });

    const ref = gitea.openIssue(other, { title: 'A', assignees: ['bot'] }, by);
    gitea.comment(ref, 'Hello', by);
    await gitea.idle();

    expect(received.map(({ headers }) => headers['x-gitea-event-type'])).toEqual(['issues']);
    expect(received[0]?.headers['x-gitea-hook-installation-target-type']).toBe('system');
  });

  it('sends a status event for a commit status', async () => {
    const { gitea, repository, received } = await start({}, { events: ['status'] });

    await fetch(`${gitea.url}/api/v1/repos/ann/shop/statuses/${repository.commit}`, {
      method: 'POST',
      headers: { Authorization: `token ${gitea.createToken('ann')}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ state: 'success', context: 'test' }),
    });
    await gitea.idle();

    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
      state: 'success',
      context: 'test',
      sha: repository.commit,
    });
  });

  it('sends nothing more once it is closed', async () => {
    const { gitea, repository } = await start({}, {}, () => undefined);
    gitea.openIssue(repository, { title: 'A' }, by);
    gitea.openIssue(repository, { title: 'B' }, by);

    await gitea.close();

    expect(gitea.deliveries.map(({ status }) => status)).toEqual([null, null]);
  });
});
