import { describe, expect, it } from '@jest/globals';

import { noAnswerPrompt, reviewPrompt, reviewed } from './review-prompt.js';
import type { ReviewFeedback } from '../ports/review-feedback.js';

const FENCE = 'f3nce';

function feedback(given: Partial<ReviewFeedback> = {}): ReviewFeedback {
  return { id: 1, author: 'ann', isRequest: true, text: 'Not yet', remarks: [], ...given };
}

describe('reviewed', () => {
  it('says who asks for what, and where, within the fence', () => {
    const remarks = [
      { path: 'src/a.ts', line: 12, author: 'ann', text: 'Why?' },
      { path: 'b.md', line: null, author: 'bob', text: 'Say more' },
    ];

    const text = reviewed({
      feedback: [feedback({ remarks }), feedback({ author: 'bob', isRequest: false, text: '', remarks: [] })],
      fence: FENCE,
    });

    expect(text).toBe(
      [
        'What people ask for in reviews of the pull request:',
        '---- f3nce begin ----',
        'ann requests changes:',
        'Not yet',
        '- src/a.ts, line 12 (ann): Why?',
        '- b.md (bob): Say more',
        '',
        'bob comments:',
        '---- f3nce end ----',
      ].join('\n'),
    );
  });

  it('is empty where nobody asks for anything', () => {
    expect(reviewed({ feedback: [], fence: FENCE })).toBe('');
  });

  it('is bounded', () => {
    const many = Array.from({ length: 30 }, () => feedback({ text: 'x'.repeat(4_000) }));

    const text = reviewed({ feedback: many, fence: FENCE });

    expect(text.length).toBeLessThan(48_300);
    expect(text).toMatch(/\n\[the rest is left out\]\n---- f3nce end ----$/);
  });
});

describe('reviewPrompt', () => {
  it('holds what is asked for, and how to go on', () => {
    const prompt = reviewPrompt({ feedback: [feedback()], fence: FENCE });

    expect(prompt).toContain('ann requests changes:\nNot yet');
    expect(prompt).toContain('git status');
  });
});

describe('noAnswerPrompt', () => {
  it('counts the rounds', () => {
    expect(noAnswerPrompt({ rejections: 1, limit: 5 })).toContain('rejected 1 of at most 5 times');
  });
});
