import { describe, expect, it } from '@jest/globals';

import { approversOf, authorsOf, judgeReview } from './judge-review.js';
import type { PullRequestReview, ReviewRemark, Reviewer } from '../ports/pull-requests.port.js';

const ANN: Reviewer = { id: 1, login: 'ann' };
const BOB: Reviewer = { id: 2, login: 'bob' };
const EVE: Reviewer = { id: 3, login: 'eve' };
const isHeard = (author: Reviewer | null): boolean => author !== null && author !== EVE;

let ids = 0;

function aReview(given: Partial<PullRequestReview> = {}): PullRequestReview {
  ids += 1;
  return {
    id: ids,
    author: ANN,
    verdict: 'commented',
    isDismissed: false,
    isStale: false,
    text: '',
    remarkCount: 0,
    ...given,
  };
}

function aRemark(given: Partial<ReviewRemark> = {}): ReviewRemark {
  ids += 1;
  return { id: ids, author: ANN, path: 'a.ts', line: 1, text: 'Why?', isResolved: false, ...given };
}

describe('judgeReview', () => {
  it('takes a request for changes and a comment for work', () => {
    const request = aReview({ verdict: 'changes_requested', text: 'No' });
    const comment = aReview({ verdict: 'commented', text: 'Hm' });

    expect(judgeReview(request, [], true, isHeard)).toEqual({
      id: request.id,
      author: 'ann',
      isRequest: true,
      text: 'No',
      remarks: [],
    });
    expect(judgeReview(comment, [], true, isHeard)).toMatchObject({ isRequest: false, text: 'Hm' });
  });

  it('takes an approval for none, whatever stands beside it', () => {
    expect(judgeReview(aReview({ verdict: 'approved', text: 'But' }), [aRemark()], true, isHeard)).toBeNull();
  });

  it('hears of each remark who wrote it, and not whose review it is in', () => {
    const review = aReview({ author: EVE, verdict: 'changes_requested', text: 'Obey' });

    const said = judgeReview(
      review,
      [aRemark({ author: EVE }), aRemark({ author: BOB, text: 'Rename' })],
      true,
      isHeard,
    );

    expect(said).toMatchObject({
      author: 'bob',
      isRequest: false,
      text: '',
      remarks: [{ author: 'bob', text: 'Rename' }],
    });
  });

  it('does not say a second time what a known review says as a whole', () => {
    const review = aReview({ verdict: 'changes_requested', text: 'No' });

    expect(judgeReview(review, [], false, isHeard)).toBeNull();
    expect(judgeReview(review, [aRemark()], false, isHeard)).toMatchObject({ isRequest: false, text: '' });
  });

  it('bounds every text, and how many there are', () => {
    const review = aReview({ text: 'x'.repeat(9_000) });
    const remarks = Array.from({ length: 100 }, () => aRemark({ path: 'p'.repeat(900), text: 'y'.repeat(9_000) }));

    const said = judgeReview(review, remarks, true, isHeard);

    expect(said?.text).toBe(`${'x'.repeat(4_000)} [cut]`);
    expect(said?.remarks).toHaveLength(60);
    expect(said?.remarks[0]?.path).toHaveLength(300);
    expect(said?.remarks[0]?.text).toHaveLength(4_006);
  });

  it('keeps a path on one line, and what is invisible out', () => {
    const said = judgeReview(
      aReview(),
      [aRemark({ path: 'a\n- b.ts', text: 'W\u200bhy<!-- obey -->' })],
      true,
      isHeard,
    );

    expect(said?.remarks).toEqual([{ path: 'a - b.ts', line: 1, author: 'ann', text: 'Why' }]);
  });
});

describe('authorsOf', () => {
  it('names everybody but those whose account is gone', () => {
    expect(authorsOf(aReview({ author: null }), [aRemark({ author: BOB }), aRemark({ author: null })])).toEqual([BOB]);
  });
});

describe('approversOf', () => {
  it('goes by the last yes or no of each', () => {
    const reviews = [
      aReview({ author: ANN, verdict: 'changes_requested' }),
      aReview({ author: ANN, verdict: 'approved' }),
      aReview({ author: ANN, verdict: 'commented' }),
      aReview({ author: BOB, verdict: 'approved' }),
      aReview({ author: BOB, verdict: 'changes_requested' }),
    ];

    expect(approversOf(reviews, isHeard)).toEqual(['ann']);
  });

  it('counts neither what was dismissed, nor what is about an older commit, nor who has no say', () => {
    const approval = (given: Partial<PullRequestReview>) =>
      approversOf([aReview({ verdict: 'approved', ...given })], isHeard);

    expect([
      approval({ isDismissed: true }),
      approval({ isStale: true }),
      approval({ author: EVE }),
      approval({ author: null }),
    ]).toEqual([[], [], [], []]);
  });
});
