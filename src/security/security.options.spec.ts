import { describe, expect, it } from '@jest/globals';
import { InvalidSecurityOptionsError } from './security.errors.js';
import { resolveSecurityOptions, type SecurityModuleOptions } from './security.options.js';

const given: SecurityModuleOptions = { secrets: ['sixteen letters!'], paths: ['webhook/gitea'] };

describe('resolveSecurityOptions', () => {
  it('fills in what was not given', () => {
    const { bodyLimitBytes, onRefused, clock } = resolveSecurityOptions(given);

    expect(bodyLimitBytes).toBe(10_000_000);
    expect(onRefused({ code: 'SIGNATURE_REJECTED', status: 401, message: '' })).toBeUndefined();
    expect(clock.monotonic()).toBeGreaterThan(0);
  });

  it('takes a path with or without slashes around it', () => {
    expect(resolveSecurityOptions({ ...given, paths: ['/a/b', 'c/', '/d/', 'e.f_g~h-1'] }).paths).toEqual([
      'a/b',
      'c',
      'd',
      'e.f_g~h-1',
    ]);
  });

  it.each([
    ['no secret', { secrets: [] }, 'Expected at least one secret'],
    ['an empty secret', { secrets: [''] }, 'Secret 1 of 1 has fewer than 16 characters'],
    ['fifteen characters', { secrets: ['sixteen letters!', 'fifteen letters'] }, 'Secret 2 of 2 has fewer'],
    ['blanks', { secrets: [' '.repeat(99)] }, 'Secret 1 of 1 has fewer'],
    ['short words among blanks', { secrets: ['   short secret         '] }, 'Secret 1 of 1 has fewer'],
    ['a variable that is not set', { secrets: [undefined as unknown as string] }, 'Secret 1 of 1 has fewer'],
    ['no path', { paths: [] }, 'Expected paths of letters'],
    ['an empty path', { paths: ['/'] }, 'Expected paths of letters'],
    ['a path with a pattern', { paths: ['a', 'hooks/:name'] }, 'got ["a","hooks/:name"]'],
    ['a path with a wildcard', { paths: ['hooks/*'] }, 'Expected paths of letters'],
    ['a path with a doubled slash', { paths: ['hooks//x'] }, 'Expected paths of letters'],
    ['no length', { bodyLimitBytes: 0 }, 'Expected bodyLimitBytes to be a whole number above 0, got 0'],
    ['half a byte', { bodyLimitBytes: 0.5 }, 'got 0.5'],
    ['a length that is no number', { bodyLimitBytes: Number.NaN }, 'got NaN'],
    ['a length without end', { bodyLimitBytes: Infinity }, 'got Infinity'],
  ])('refuses %s', (_what, changes, sentence) => {
    const resolving = () => resolveSecurityOptions({ ...given, ...changes });

    expect(resolving).toThrow(InvalidSecurityOptionsError);
    expect(resolving).toThrow(sentence);
  });

  it('names no secret in a message', () => {
    const resolving = () => resolveSecurityOptions({ ...given, secrets: ['sixteen letters!', 'hush hush'] });

    expect(resolving).toThrow(expect.objectContaining({ code: 'SECURITY_OPTIONS_INVALID' }));
    expect(resolving).not.toThrow(/sixteen|hush/);
  });
});
