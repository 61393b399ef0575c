import { describe, expect, it } from '@jest/globals';
import { SystemClock, SystemRandomness } from '../kernel/index.js';
import { InvalidGiteaOptionsError } from './gitea.errors.js';
import { resolveGiteaOptions } from './gitea.options.js';

describe('resolveGiteaOptions', () => {
  it('fills in what is left out', () => {
    expect(resolveGiteaOptions({ baseUrl: 'https://git.example.com/' })).toEqual({
      baseUrl: 'https://git.example.com',
      token: null,
      botName: null,
      labelScope: 'mosaic',
      timeoutMs: 15_000,
      attempts: 4,
      maxAnswerBytes: 20_000_000,
      fetch,
      clock: expect.any(SystemClock),
      randomness: expect.any(SystemRandomness),
      scrub: expect.any(Function),
    });
  });

  it('keeps the path Gitea is served under, and takes an empty token for none', () => {
    const options = resolveGiteaOptions({ baseUrl: 'http://host:3000/git//', token: ' ', botName: ' bot ' });

    expect(options).toMatchObject({ baseUrl: 'http://host:3000/git', token: null, botName: 'bot' });
  });

  it.each(['', 'a/b', '-a', 'a b', 'a'.repeat(31)])('refuses the scope %p', (labelScope) => {
    expect(() => resolveGiteaOptions({ baseUrl: 'https://host', labelScope })).toThrow(InvalidGiteaOptionsError);
  });

  it.each(['', 'git.example.com', 'ftp://host', 'https://host/?a=1', 'https://host/#a', 'https://user:secret@host'])(
    'refuses the address %p',
    (baseUrl) => {
      expect(() => resolveGiteaOptions({ baseUrl })).toThrow(InvalidGiteaOptionsError);
    },
  );

  it('refuses a token that cannot stand in a header, without showing it', () => {
    const resolve = () => resolveGiteaOptions({ baseUrl: 'https://host', token: 'secret\nX-Evil: 1' });

    expect(resolve).toThrow(InvalidGiteaOptionsError);
    expect(resolve).not.toThrow(/secret/);
  });

  it.each([{ timeoutMs: 0 }, { attempts: 1.5 }, { maxAnswerBytes: -1 }, { timeoutMs: Number.NaN }])(
    'refuses %p',
    (given) => {
      expect(() => resolveGiteaOptions({ baseUrl: 'https://host', ...given })).toThrow(/whole number above 0/);
    },
  );
});
