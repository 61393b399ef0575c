import { describe, expect, it } from '@jest/globals';
import { differencesOfVersion, readGiteaVersion, supportOf, type GiteaVersion } from './gitea-version.js';

const read = (text: string): GiteaVersion => readGiteaVersion(text) as GiteaVersion;

describe('readGiteaVersion', () => {
  it.each([
    ['1.26.4', 'Gitea', [1, 26], [1, 26]],
    ['v1.27.0-rc0', 'Gitea', [1, 27], [1, 27]],
    ['1.26.0+dev-489-gc9a038bc4e', 'Gitea', [1, 26], [1, 26]],
    ['7.0.0+gitea-1.22.0', 'Forgejo', [7, 0], [1, 22]],
    ['11.0.1+gitea-1.22.0', 'Forgejo', [11, 0], [1, 22]],
    ['13.0.0-dev-12-abc+gitea-1.22.0', 'Forgejo', [13, 0], [1, 22]],
  ])('reads %s', (text, product, [major, minor], [giteaMajor, giteaMinor]) => {
    const gitea = { major: giteaMajor, minor: giteaMinor };
    expect(readGiteaVersion(text)).toEqual({ product, own: { major, minor }, gitea });
  });

  it.each(['', 'main', 'development', '1', 'x1.26'])('takes %p for no version', (text) => {
    expect(readGiteaVersion(text)).toBeNull();
  });
});

describe('supportOf', () => {
  it.each([
    ['1.19.4', 'too-old'],
    ['0.13.0', 'too-old'],
    ['1.20.0', 'supported'],
    ['1.27.3', 'supported'],
    ['1.28.0', 'newer'],
    ['2.0.0', 'newer'],
    ['6.0.4+gitea-1.22.0', 'too-old'],
    ['7.0.0+gitea-1.22.0', 'supported'],
    ['13.9.9+gitea-1.22.0', 'supported'],
    ['14.0.0+gitea-1.22.0', 'newer'],
  ])('calls %s %s', (text, support) => {
    expect(supportOf(read(text))).toBe(support);
  });
});

describe('differencesOfVersion', () => {
  it('has nothing to say of the newest', () => {
    for (const version of ['1.25.0', '1.26.4', '1.27.0']) expect(differencesOfVersion(read(version))).toEqual([]);
  });

  it('says of an older one, and of Forgejo, what comes later', () => {
    const sentence = 'sends no webhook for an issue that is deleted: only the sweep notices it.';
    expect(differencesOfVersion(read('1.24.7'))).toEqual([`Gitea 1.24 ${sentence}`]);
    expect(differencesOfVersion(read('11.0.1+gitea-1.22.0'))).toEqual([`Forgejo 11.0 ${sentence}`]);
  });

  it('says first of one that is too old that it is, and of one that is newer that it is unknown', () => {
    expect(differencesOfVersion(read('1.19.4'))[0]).toContain('Gitea 1.19 is too old: Gitea 1.20 and Forgejo 7 are');
    expect(differencesOfVersion(read('1.28.1'))).toEqual([
      'Gitea 1.28 is newer than what this coordinator was held against.',
    ]);
  });
});
