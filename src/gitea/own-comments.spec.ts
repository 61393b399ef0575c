import { describe, expect, it } from '@jest/globals';
import { InvalidGiteaNameError } from './gitea.errors.js';
import { isSameText, ownComments, withMarker } from './own-comments.js';

describe('ownComments', () => {
  const bot = { id: 1, login: 'Bot' };
  const comment = (id: number, body: string, author: { id: number; login: string } | null = bot) => ({
    id,
    at: null,
    body,
    author,
  });

  it('finds what it marked, oldest first, whatever the case of the login', () => {
    const text = withMarker('Hello', 'status');

    expect(ownComments([comment(7, text), comment(3, `${text}\r\n`)], 'status', 'bot').map(({ id }) => id)).toEqual([
      3, 7,
    ]);
  });

  it('leaves out other markers, other authors, deleted authors and markers inside a text', () => {
    const text = withMarker('Hello', 'status');
    const comments = [
      comment(1, withMarker('Hello', 'status-2')),
      comment(2, text, { id: 2, login: 'eve' }),
      comment(3, text, null),
      comment(4, `> ${text}\n\nmore`),
    ];

    expect(ownComments(comments, 'status', 'bot')).toEqual([]);
  });

  it.each(['', '-->', 'a--b', 'a b', 'a>b', '-a', 'a-', 'x'.repeat(101)])('refuses the marker %p', (marker) => {
    expect(() => withMarker('Hello', marker)).toThrow(InvalidGiteaNameError);
  });

  it.each(['status', 'cycle:ann/shop#1'.replace('#', '.'), 'job-1', 'x'.repeat(100)])(
    'takes the marker %p',
    (marker) => {
      expect(withMarker('Hello\n', marker)).toBe(`Hello\n\n<!-- mosaic:${marker} -->`);
    },
  );
});

describe('isSameText', () => {
  it('takes no notice of line ends and of spaces at the end', () => {
    expect(isSameText('a\r\nb\r\n', 'a\nb')).toBe(true);
    expect(isSameText('a\nb', 'a b')).toBe(false);
  });
});
