import { describe, expect, it } from '@jest/globals';

import { JOB_STATES } from '../../queue/index.js';
import { decideReview, followsPullRequest } from './decide-review.js';
import type { PullRequestReading } from '../ports/pull-requests.port.js';
import type { ReviewRecord, Stop } from '../ports/run-store.port.js';

const pullRequest = { number: 5, url: 'http://gitea/5' };
const closing: Stop = { lastRemark: 3, isLabelled: true, closedPullRequest: 5 };
const asked: ReviewRecord = {
  seen: [],
  open: [{ id: 1, author: 'ann', isRequest: true, text: 'No', remarks: [] }],
  approvedBy: [],
};
const answered: ReviewRecord = { ...asked, open: [] };

const found = (state: 'open' | 'closed' | 'merged'): PullRequestReading => ({
  kind: 'found',
  pullRequest: { state, mergedBy: null, headCommit: null, mergeBase: null },
});

describe('followsPullRequest', () => {
  const following = (progress: Partial<Parameters<typeof followsPullRequest>[1]>) =>
    JOB_STATES.filter((state) => followsPullRequest(state, { pullRequest, review: null, stop: null, ...progress }));

  it('is so in review', () => {
    expect(following({})).toEqual(['in_review']);
    expect(following({ review: answered })).toEqual(['in_review']);
  });

  it('is so during a round that reviews began, until the job has ended', () => {
    expect(following({ review: asked })).toEqual([
      'pending',
      'available',
      'running',
      'retryable',
      'in_review',
      'needs_attention',
    ]);
  });

  it('is so while the pull request stands closed, and no other', () => {
    expect(following({ stop: closing })).toEqual(['in_review', 'needs_attention']);
    expect(following({ stop: { ...closing, closedPullRequest: 4 } })).toEqual(['in_review']);
    expect(following({ stop: { lastRemark: null, isLabelled: false } })).toEqual(['in_review']);
  });

  it('is never so without a pull request', () => {
    expect(following({ pullRequest: null, review: asked, stop: closing })).toEqual([]);
  });
});

describe('decideReview', () => {
  it.each([
    ['in_review', found('merged'), 'complete'],
    ['in_review', found('closed'), 'stop'],
    ['in_review', { kind: 'gone' }, 'stop'],
    ['in_review', found('open'), 'read'],
    ['in_review', { kind: 'unknown' }, 'leave'],
    ['running', found('merged'), 'complete'],
    ['running', found('closed'), 'stop'],
    ['running', found('open'), 'leave'],
    ['available', found('closed'), 'stop'],
    ['pending', found('open'), 'leave'],
    ['needs_attention', found('merged'), 'complete'],
    ['needs_attention', found('closed'), 'leave'],
    ['needs_attention', { kind: 'gone' }, 'leave'],
    ['needs_attention', found('open'), 'return'],
    ['needs_attention', { kind: 'unknown' }, 'leave'],
  ] as const)('of a job that is %s with %j makes: %s', (state, reading, decision) => {
    expect(decideReview(state, { pullRequest, stop: closing }, reading)).toBe(decision);
  });

  it('leaves a job that needs a person for another reason where it is', () => {
    expect(decideReview('needs_attention', { pullRequest, stop: null }, found('open'))).toBe('leave');
  });
});
