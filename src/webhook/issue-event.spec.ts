import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IssueEvent, isAboutPullRequest, readIssueEvent } from './issue-event.js';
import { MalformedDeliveryError, type DeliveryProblem } from './webhook.errors.js';

const issue = {
  number: 12,
  title: 'Prices are rounded twice',
  body: 'See price.js',
  state: 'open',
  assignee: { login: 'bot' },
  assignees: [{ login: 'bot' }, { login: 'ada' }],
  labels: [{ name: 'bug' }],
  updated_at: '2026-11-22T09:30:00+01:00',
  pull_request: null,
};
const body = {
  action: 'assigned',
  number: 12,
  issue,
  repository: { full_name: 'acme/web.shop', default_branch: 'main' },
  sender: { login: 'ada' },
};
const event = {
  action: 'assigned',
  owner: 'acme',
  repo: 'web.shop',
  defaultBranch: 'main',
  number: 12,
  statedNumber: 12,
  title: 'Prices are rounded twice',
  body: 'See price.js',
  state: 'open',
  assignees: ['bot', 'ada'],
  labels: ['bug'],
  updatedAt: '2026-11-22T09:30:00+01:00',
  sender: 'ada',
};

const withIssue = (changes: object) => ({ ...body, issue: { ...issue, ...changes } });

/** What becomes of it: an event, or the error. */
function outcomeOf(given: unknown): Promise<unknown> {
  return Promise.resolve()
    .then(() => readIssueEvent(given))
    .catch((error: unknown) => error);
}

async function problemsOf(given: unknown): Promise<readonly DeliveryProblem[]> {
  const { problems } = (await outcomeOf(given)) as Partial<MalformedDeliveryError>;
  return problems ?? [];
}

async function fieldsOf(given: unknown): Promise<readonly string[]> {
  return (await problemsOf(given)).map(({ field }) => field);
}

describe('readIssueEvent', () => {
  it('copies out what is read, and nothing else', () => {
    expect(readIssueEvent({ ...body, surplus: 1 })).toEqual(Object.assign(new IssueEvent(), event));
  });

  it.each([
    ['nobody is assigned', withIssue({ assignee: null, assignees: null }), { assignees: [] }],
    ['nobody is assigned, by an empty list', withIssue({ assignee: null, assignees: [] }), { assignees: [] }],
    ['Gogs names one assignee', withIssue({ assignees: undefined }), { assignees: ['bot'] }],
    ['a user has a username alone', withIssue({ assignees: [{ username: 'x' }] }), { assignees: ['x'] }],
    ['labels are null', withIssue({ labels: null }), { labels: [] }],
    ['a label is empty', withIssue({ labels: [{ name: '' }] }), { labels: [''] }],
    ['the body is null', withIssue({ body: null }), { body: '' }],
    ['title and body are empty', withIssue({ title: '', body: '' }), { title: '', body: '' }],
    ['the issue has no time', withIssue({ updated_at: null }), { updatedAt: '' }],
    [
      'the time has a fraction',
      withIssue({ updated_at: '2026-11-22T08:30:00.25Z' }),
      { updatedAt: '2026-11-22T08:30:00.25Z' },
    ],
    ['the time is zero', withIssue({ updated_at: '0001-01-01T00:00:00Z' }), { updatedAt: '0001-01-01T00:00:00Z' }],
    ['it is closed', withIssue({ state: 'closed' }), { state: 'closed' }],
    ['there is no number beside the issue', { ...body, number: undefined }, {}],
    ['there is no sender', { ...body, sender: null }, { sender: '' }],
    ['the sender is Ghost', { ...body, sender: { id: -1, login: 'Ghost' } }, { sender: 'Ghost' }],
    ['no branch is named', { ...body, repository: { full_name: 'acme/web.shop' } }, { defaultBranch: '' }],
    [
      'the branch is empty',
      { ...body, repository: { full_name: 'acme/web.shop', default_branch: '' } },
      { defaultBranch: '' },
    ],
    [
      'the number is large',
      { ...withIssue({ number: 9_007_199_254_740_991 }), number: 9_007_199_254_740_991 },
      { number: 9_007_199_254_740_991, statedNumber: 9_007_199_254_740_991 },
    ],
  ])('takes a delivery where %s', (_what, given, changes) => {
    expect(readIssueEvent(given)).toEqual(Object.assign(new IssueEvent(), event, changes));
  });

  it.each([
    ['action', 'must be a text', { ...body, action: undefined }],
    ['action', 'must be a text', { ...body, action: 7 }],
    ['issue.number', 'must be a whole number above 0', { ...withIssue({ number: 0 }), number: 0 }],
    ['issue.number', 'must be a whole number above 0', { ...withIssue({ number: -1 }), number: -1 }],
    ['issue.number', 'must be a whole number above 0', { ...withIssue({ number: 1.5 }), number: 1.5 }],
    ['issue.number', 'must be a whole number above 0', { ...withIssue({ number: '12' }), number: '12' }],
    ['issue.number', 'must be a whole number above 0', { ...withIssue({ number: 2 ** 53 }), number: 2 ** 53 }],
    ['number', 'must equal issue.number', { ...body, number: 13 }],
    ['number', 'must equal issue.number', { ...body, number: '12' }],
    ['issue.title', 'must be a text', withIssue({ title: null })],
    ['issue.title', 'must be a text', withIssue({ title: ['x'] })],
    ['issue.body', 'must be a text or null', withIssue({ body: {} })],
    ['issue.state', 'must be open or closed', withIssue({ state: undefined })],
    ['issue.state', 'must be open or closed', withIssue({ state: 'OPEN' })],
    ['issue.state', 'must be open or closed', withIssue({ state: ['open'] })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: 'bot' })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: [null] })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: ['bot'] })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: [{ login: '' }] })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: [{ login: 7 }] })],
    ['issue.assignees', 'must be a list of users with a login, or null', withIssue({ assignees: { length: 1 } })],
    ['issue.labels', 'must be a list of labels with a name, or null', withIssue({ labels: [{ id: 1 }] })],
    ['issue.labels', 'must be a list of labels with a name, or null', withIssue({ labels: {} })],
    ['issue.updated_at', 'must be a time as in RFC 3339', withIssue({ updated_at: 'yesterday' })],
    ['issue.updated_at', 'must be a time as in RFC 3339', withIssue({ updated_at: 1_700_000_000 })],
    ['repository.full_name', 'must be owner/name', { ...body, repository: null }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: 'web.shop' } }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: 'a/b/c' } }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: 'acme/' } }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: '../..' } }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: 'acme/web shop' } }],
    ['repository.full_name', 'must be owner/name', { ...body, repository: { full_name: ['acme/x'] } }],
    [
      'repository.default_branch',
      'must be a branch name',
      { ...body, repository: { ...body.repository, default_branch: '--exec=x' } },
    ],
    [
      'repository.default_branch',
      'must be a branch name',
      { ...body, repository: { ...body.repository, default_branch: 1 } },
    ],
    ['sender.login', 'must be a text', { ...body, sender: {} }],
    ['sender.login', 'must be a text', { ...body, sender: 'ada' }],
    ['request body', 'must be an object', null],
    ['request body', 'must be an object', []],
    ['request body', 'must be an object', 'x'],
    ['request body', 'must be an object', 12],
  ])('names %s, which %s', async (field, problem, given) => {
    expect(await problemsOf(given)).toEqual([{ field, problem }]);
  });

  it('names every field that is wrong, each once', async () => {
    expect(await fieldsOf({})).toEqual([
      'action',
      'repository.full_name',
      'issue.number',
      'issue.title',
      'issue.state',
    ]);
  });

  it('refuses the empty issue that Gitea sends when it cannot load it', async () => {
    const empty = {
      id: 0,
      number: 0,
      title: '',
      body: '',
      state: '',
      labels: null,
      assignees: null,
      updated_at: '0001-01-01T00:00:00Z',
    };

    expect(await fieldsOf({ ...body, issue: empty })).toEqual(['issue.number', 'number', 'issue.state']);
  });

  it('reads nothing that an object inherits', async () => {
    const inherited: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(body)}}`);

    expect(await problemsOf(inherited)).toHaveLength(5);
    expect(await problemsOf(Object.create(body))).toHaveLength(5);
  });

  it('gives an event or says what is wrong, for whatever JSON there is', async () => {
    const key = fc.constantFrom('action', 'number', 'issue', 'repository', 'sender', 'full_name', 'login', '__proto__');
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(...Object.values(event))),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.dictionary(key, tie('tree')),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }));

    const fuzzed = fc.assert(
      fc.asyncProperty(tree, async (given) => {
        const outcome = await outcomeOf(given);
        return outcome instanceof IssueEvent || outcome instanceof MalformedDeliveryError;
      }),
      { numRuns: 2_000 },
    );

    await expect(fuzzed).resolves.toBeUndefined();
  }, 60_000);
});

describe('readIssueEvent of a pull request', () => {
  const { issue: pullRequest, ...rest } = body;
  const pulled = { ...rest, pull_request: pullRequest };

  it('reads it where it stands', () => {
    expect(readIssueEvent(pulled, 'pull_request')).toEqual(Object.assign(new IssueEvent(), event));
  });

  it('names the fields as they are called there', () => {
    const wrong = { ...pulled, number: 13, pull_request: { ...pullRequest, title: null } };

    expect(() => readIssueEvent(wrong, 'pull_request')).toThrow(
      expect.objectContaining({
        problems: expect.arrayContaining([
          { field: 'pull_request.title', problem: 'must be a text' },
          { field: 'number', problem: 'must equal pull_request.number' },
        ]),
      }),
    );
  });
});

describe('isAboutPullRequest', () => {
  it.each([
    ['the delivery says so', { is_pull: true }],
    ['a pull request comes with it', { pull_request: {} }],
    ['the issue is one', { issue: { pull_request: { merged: false } } }],
  ])('is true when %s', (_what, given) => {
    expect(isAboutPullRequest(given)).toBe(true);
  });

  it.each([
    [body],
    [{ ...body, is_pull: false, pull_request: null }],
    [{ is_pull: 'true' }],
    [null],
    [[]],
    [Object.create({ is_pull: true })],
  ])('is false of %j', (given) => {
    expect(isAboutPullRequest(given)).toBe(false);
  });
});
