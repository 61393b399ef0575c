import { describe, expect, it } from '@jest/globals';
import { readPullPicture, readReview, readReviewRemark } from './read-review.js';

describe('readPullPicture', () => {
  it('needs neither who merged nor whether it was', () => {
    const commits = { headCommit: null, mergeBase: null };
    expect(readPullPicture({ number: 5, state: 'open', merged: null }, 5)).toEqual({
      state: 'open',
      mergedBy: null,
      ...commits,
    });
    expect(readPullPicture({ number: 5, state: 'closed', merged: true, merged_by: null }, 5)).toEqual({
      state: 'merged',
      mergedBy: null,
      ...commits,
    });
  });

  it('reads commits that are whole', () => {
    const commit = 'a'.repeat(40);
    const answer = { number: 5, state: 'open', head: { sha: commit }, merge_base: commit.slice(1) };

    expect(readPullPicture(answer, 5)).toMatchObject({ headCommit: commit, mergeBase: null });
    expect(readPullPicture({ ...answer, head: null, merge_base: commit }, 5)).toMatchObject({
      headCommit: null,
      mergeBase: commit,
    });
  });

  it.each([
    [{ number: 6, state: 'open' }, /pull request 6 when asked for 5/],
    [{ number: 0, state: 'open' }, /whose number is 0/],
    [{ number: 5, state: 'draft' }, /neither open nor closed/],
    [{ number: 5 }, /neither open nor closed/],
    [[], /where a pull request was expected/],
  ])('refuses %j', (answer, message) => {
    expect(() => readPullPicture(answer, 5)).toThrow(message);
  });
});

describe('readReview', () => {
  it.each([
    ['APPROVED', 'approved'],
    ['REQUEST_CHANGES', 'changes_requested'],
    ['COMMENT', 'commented'],
    ['PENDING', null],
    ['REQUEST_REVIEW', null],
    ['', null],
    [undefined, null],
  ])('makes %j to %j', (state, verdict) => {
    expect(readReview({ id: 1, state, comments_count: 0, user: null, body: null })).toEqual({
      id: 1,
      author: null,
      verdict,
      isDismissed: false,
      isStale: false,
      text: '',
      remarkCount: 0,
    });
  });

  it('refuses one without an id, or of which nobody knows whether it has remarks', () => {
    expect(() => readReview({ state: 'COMMENT', comments_count: 0 })).toThrow('a review without id');
    expect(() => readReview({ id: 1, state: 'COMMENT' })).toThrow('a review without comments_count');
  });
});

describe('readReviewRemark', () => {
  it('reads one of which little is said', () => {
    expect(readReviewRemark({ id: 3, position: -1, original_position: '4' })).toEqual({
      id: 3,
      author: null,
      path: '',
      line: null,
      text: '',
      isResolved: false,
    });
  });

  it('refuses one without an id', () => {
    expect(() => readReviewRemark({ body: 'Hm' })).toThrow('a comment of a review without id');
  });
});
