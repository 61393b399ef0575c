import { describe, expect, it } from '@jest/globals';
import { GiteaAnswerError } from './gitea.errors.js';
import {
  readComment,
  readCommitStatus,
  readIssue,
  readLabel,
  readLinkedIssue,
  readList,
  readMessage,
  readPullRequest,
  readRepository,
  readUser,
  readVersion,
} from './read-answer.js';

describe('answers of Gitea', () => {
  const user = { id: 3, login: 'ann', email: 'ann@example.com' };
  const issue = { id: 30, number: 4, title: 'A', body: 'B', state: 'open', labels: [], assignees: null };
  const pull = { number: 5, state: 'open', head: { ref: 'work', repo_id: 1 }, base: { ref: 'main', repo_id: 1 } };

  it('reads an issue with every null Gitea sends', () => {
    const nulls = {
      user: null,
      assignee: null,
      labels: null,
      body: null,
      title: null,
      pull_request: null,
      repository: null,
    };

    expect(readIssue({ ...issue, ...nulls })).toEqual({
      id: 30,
      number: 4,
      title: '',
      author: null,
      body: '',
      state: 'open',
      assignees: [],
      labels: [],
      isPullRequest: false,
      hasComments: true,
      repository: null,
    });
  });

  it('reads who and what an issue has, and where it is', () => {
    const full = {
      ...issue,
      assignees: [user],
      labels: [{ id: 1, name: 'bug', color: 'ff0000' }],
      pull_request: { merged: false },
      repository: { id: 1, owner: 'ann', name: 'shop', full_name: 'ann/shop' },
    };

    expect(readIssue(full)).toMatchObject({
      assignees: [{ id: 3, login: 'ann' }],
      labels: [{ id: 1, name: 'bug' }],
      isPullRequest: true,
      repository: { owner: 'ann', name: 'shop' },
    });
  });

  it.each([
    ['null', null],
    ['a text', 'issue'],
    ['a list', [issue]],
    ['no id', { ...issue, id: undefined }],
    ['a number that is a text', { ...issue, number: '4' }],
    ['the empty issue of a failed load', { ...issue, id: 0, number: 0 }],
    ['a state nobody knows', { ...issue, state: 'lost' }],
    ['labels that are no list', { ...issue, labels: {} }],
    ['an assignee without a login', { ...issue, assignees: [{ id: 1 }] }],
  ])('refuses an issue that is or has %s', (_, answer) => {
    expect(() => readIssue(answer)).toThrow(GiteaAnswerError);
  });

  it('takes number 0 among linked issues for one the bot may not see', () => {
    expect(readLinkedIssue({ title: 'HIDDEN', number: 0 })).toBeNull();
    expect(readLinkedIssue(issue)).toMatchObject({ number: 4 });
  });

  it('takes an issue whose repository has no name or owner for one without', () => {
    expect(readIssue({ ...issue, repository: { owner: 'ann' } }).repository).toBeNull();
    expect(readIssue({ ...issue, repository: 'ann/shop' }).repository).toBeNull();
  });

  it('reads a pull request, and whether it comes from a fork', () => {
    const fromFork = { ...pull, user, body: 'x', head: { ref: 'work', repo_id: 2 } };

    expect(readPullRequest(pull)).toMatchObject({ number: 5, author: null, body: '', isFromSameRepository: true });
    expect(readPullRequest(fromFork)).toEqual({
      number: 5,
      state: 'open',
      author: { id: 3, login: 'ann' },
      body: 'x',
      headBranch: 'work',
      baseBranch: 'main',
      isFromSameRepository: false,
    });
  });

  it('refuses a pull request without a head', () => {
    expect(() => readPullRequest({ ...pull, head: null })).toThrow(/a pull request's head/);
  });

  it('reads comments, statuses, labels, repositories and versions', () => {
    expect(readComment({ id: 1, user: null, body: null })).toEqual({ id: 1, at: null, author: null, body: '' });
    expect(readComment({ id: 1, created_at: '2026-01-01T00:00:00Z' })).toMatchObject({ at: 1_767_225_600_000 });
    expect(readCommitStatus({ id: 2, context: 'c', status: 'success', state: 'x' })).toEqual({
      id: 2,
      context: 'c',
      state: 'success',
      targetUrl: '',
      description: '',
    });
    expect(readLabel({ id: 1, name: 'bug' })).toEqual({ id: 1, name: 'bug' });
    expect(readRepository({ owner: user, name: 'shop', default_branch: '' })).toEqual({
      owner: 'ann',
      name: 'shop',
      defaultBranch: null,
    });
    expect(readVersion({ version: '1.26.4' })).toBe('1.26.4');
    expect(readUser(user)).toEqual({ id: 3, login: 'ann' });
  });

  it('reads null as an empty list', () => {
    expect(readList(null, readUser)).toEqual([]);
    expect(readList(undefined, readUser)).toEqual([]);
  });

  it('reads the sentence of a failure from an object or a bare text, and no more of it than helps', () => {
    expect(readMessage({ message: 'x'.repeat(1000), url: '' })).toHaveLength(300);
    expect(readMessage('not enabled')).toBe('not enabled');
    expect([readMessage(null), readMessage({}), readMessage({ message: 1 })]).toEqual(['', '', '']);
  });
});
