import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeGitea } from './fake-gitea.js';

describe('The reviews of FakeGitea', () => {
  const servers: FakeGitea[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function start() {
    const gitea = await FakeGitea.start({ users: ['ann', 'bob'] });
    servers.push(gitea);
    const files = { 'README.md': 'Hello\n' };
    const repository = await gitea.createRepository({ owner: 'ann', name: 'shop', files });
    await gitea.commit(repository, { branch: 'work', files: { 'new.txt': 'new\n' } }, { by: 'ann' });
    const pull = gitea.openPullRequest(repository, { title: 'Do it', head: 'work' }, { by: 'ann' });
    const token = gitea.createToken('bob');
    const ask = async (path: string, body?: object, as = token) => {
      const answer = await fetch(`${gitea.url}/api/v1/repos/ann/shop/pulls/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `token ${as}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, total: answer.headers.get('x-total-count'), body: JSON.parse(text) as unknown };
    };
    return { gitea, repository, pull, ask, reviews: `${pull.number}/reviews` };
  }

  it('are submitted with their remarks, told with them, and make an event by their state', async () => {
    const { gitea, repository, ask, reviews } = await start();
    gitea.createHook(repository, { url: 'http://127.0.0.1:9/', events: ['pull_request_review'] });
    const comments = [
      { path: 'b.txt', body: 'New', new_position: 3 },
      { path: 'a.txt', body: 'Old', old_position: 2 },
    ];

    const { status, body } = await ask(reviews, { event: 'REQUEST_CHANGES', body: 'No', comments });
    const { id } = body as { id: number };
    const told = await ask(`${reviews}/${id}/comments`);
    await gitea.idle();

    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'REQUEST_CHANGES',
      body: 'No',
      comments_count: 2,
      stale: false,
      official: false,
    });
    expect(told.body).toMatchObject([
      { path: 'a.txt', position: 0, original_position: 2, pull_request_review_id: id, resolver: null },
      { path: 'b.txt', position: 3, original_position: 0 },
    ]);
    expect(gitea.deliveries).toMatchObject([
      { event: 'pull_request_rejected', eventType: 'pull_request_review_rejected' },
    ]);
    expect(JSON.parse(gitea.deliveries[0]?.body ?? '')).toMatchObject({
      action: 'reviewed',
      number: 1,
      review: { type: 'pull_request_review_rejected', content: 'No' },
      sender: { login: 'bob' },
    });
  });

  it.each([
    [{ event: 'REQUEST_CHANGES' }, 'review event REQUEST_CHANGES requires a body'],
    [{ event: 'COMMENT', body: ' ' }, 'review event COMMENT requires a body'],
    [{ body: 'No word' }, 'review stay pending'],
  ])('refuse %j', async (given, message) => {
    const { ask, reviews } = await start();

    expect(await ask(reviews, given)).toMatchObject({ status: 422, body: { message } });
  });

  it.each(['APPROVED', 'REQUEST_CHANGES'])('let nobody say %s of what is his own', async (event) => {
    const { gitea, ask, reviews } = await start();

    const answer = await ask(reviews, { event, body: 'Mine' }, gitea.createToken('ann'));

    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining('your own pull') } });
  });

  it('are shown to others once they are submitted, and counted before', async () => {
    const { gitea, ask, reviews, pull } = await start();
    const begun = gitea.beginReview(pull, 'Not yet', { by: 'ann' });

    const asBob = await ask(reviews);
    const asAnn = await ask(reviews, undefined, gitea.createToken('ann'));

    expect(asBob).toMatchObject({ total: '1', body: [] });
    expect(asAnn.body).toMatchObject([{ id: begun, state: 'PENDING' }]);
    expect((await ask(`${reviews}/${begun}/comments`)).status).toBe(404);
  });

  it('are of pull requests alone', async () => {
    const { gitea, repository, ask } = await start();
    const issue = gitea.openIssue(repository, { title: 'An issue' }, { by: 'ann' });
    const act = () => gitea.review(issue, { state: 'APPROVED' }, { by: 'bob' });

    expect((await ask(`${issue.number}/reviews`)).status).toBe(404);
    expect(act).toThrow('is no pull request');
    expect(() => gitea.beginReview(issue, '', { by: 'bob' })).toThrow('is no pull request');
    expect(() => gitea.dismissReview(issue, 1)).toThrow('has no review 1');
    expect(() => gitea.resolveRemark(issue, 1, { by: 'bob' })).toThrow('has no remark 1');
  });
});
