import { describe, expect, it } from '@jest/globals';
import { LONGEST_BODY, LONGEST_TITLE, seenIssue } from './seen-issue.js';

describe('seenIssue', () => {
  it('shows title and body without what is hidden, and counts that of both', () => {
    const seen = seenIssue({
      title: ' Fix\u200b the\n<!-- a --> total ',
      body: '\nIt is <b hidden>c</b> wrong.\u200b\n',
    });

    expect(seen).toMatchObject({ title: 'Fix the total', body: 'It is   wrong.' });
    expect(seen.hidden).toMatchObject({ invisibleCharacters: 2, comments: 1, elements: 1, cutCharacters: 0 });
  });

  it('cuts what is too long, says so in the body, and counts it', () => {
    const { title, body, hidden } = seenIssue({
      title: 'a'.repeat(LONGEST_TITLE + 1),
      body: 'b'.repeat(LONGEST_BODY + 20),
    });

    expect(title).toBe('a'.repeat(LONGEST_TITLE));
    expect(body).toBe(`${'b'.repeat(LONGEST_BODY)}\n[the rest is left out: 20 characters]`);
    expect(hidden.cutCharacters).toBe(21);
  });

  it('leaves no half of a pair where it cuts', () => {
    expect(seenIssue({ title: `${'a'.repeat(LONGEST_TITLE - 1)}🚀`, body: '' }).title).toBe(
      'a'.repeat(LONGEST_TITLE - 1),
    );
  });
});
