import { describe, expect, it } from '@jest/globals';
import { GiteaAnswerError, GiteaAuthError, GiteaRequestError, GiteaUnreachableError } from './gitea.errors.js';
import { isPassingFailure, readRetryAfter, retryDelayMs } from './retry.js';

describe('isPassingFailure', () => {
  it.each([408, 429, 500, 502, 503, 504])('is true of a %i', (status) => {
    expect(isPassingFailure(new GiteaRequestError(status, ''))).toBe(true);
  });

  it.each([307, 400, 404, 409, 412, 422, 423, 501])('is false of a %i', (status) => {
    expect(isPassingFailure(new GiteaRequestError(status, ''))).toBe(false);
  });

  it('is true of no answer and of an unusable one, false of a refusal and of anything else', () => {
    const errors = [
      new GiteaUnreachableError(''),
      new GiteaAnswerError(''),
      new GiteaAuthError(401, ''),
      new Error(''),
    ];

    expect(errors.map(isPassingFailure)).toEqual([true, true, false, false]);
  });
});

describe('retryDelayMs', () => {
  const failure = new GiteaUnreachableError('');

  it('doubles from half a second to half a minute, half of it by chance', () => {
    expect([1, 2, 3, 8].map((attempt) => retryDelayMs(attempt, failure, 0))).toEqual([250, 500, 1_000, 15_000]);
    expect([1, 2, 3, 8].map((attempt) => retryDelayMs(attempt, failure, 1))).toEqual([500, 1_000, 2_000, 30_000]);
  });

  it('is what Gitea asked for and up to a tenth more', () => {
    const asked = new GiteaRequestError(429, '', 3_000);

    expect([0, 1].map((fraction) => retryDelayMs(1, asked, fraction))).toEqual([3_000, 3_300]);
  });

  it('is null when Gitea asked for more than half a minute', () => {
    const delays = [30_000, 30_001].map((ms) => retryDelayMs(1, new GiteaRequestError(503, '', ms), 0));

    expect(delays).toEqual([30_000, null]);
  });
});

describe('readRetryAfter', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    [null, null],
  ])('reads %p as %p ms', (header, ms) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });
});
