import { describe, expect, it } from '@jest/globals';
import { DEFAULT_COMMAND_PATH, commandEnvironment } from './command-environment.js';
import { errorCodeOf } from './error-code.js';

describe('commandEnvironment', () => {
  it('is these variables and no other', () => {
    const environment = commandEnvironment('/home', { path: '/bin', author: { name: 'A', email: 'a@example.org' } });

    expect(environment).toEqual({
      PATH: '/bin',
      HOME: '/home/user',
      TMPDIR: '/home/tmp',
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      CI: 'true',
      PAGER: 'cat',
      GIT_PAGER: 'cat',
      GIT_EDITOR: 'true',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    });
  });

  it('finds the programs of the system', () => {
    expect(DEFAULT_COMMAND_PATH.split(':')).toEqual(expect.arrayContaining(['/usr/bin', '/bin']));
  });
});

describe('errorCodeOf', () => {
  it('looks at the error and at what caused it', () => {
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });

    expect(errorCodeOf(refused)).toBe('ECONNREFUSED');
    expect(errorCodeOf(new Error('outer', { cause: new Error('middle', { cause: refused }) }))).toBe('ECONNREFUSED');
    expect([new Error('none'), { code: 7 }, 'text', null].map(errorCodeOf)).toEqual([null, null, null, null]);
  });
});
