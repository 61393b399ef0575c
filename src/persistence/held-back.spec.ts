import { describe, expect, it } from '@jest/globals';
import { heldBack } from './held-back.js';

const COUNTS = [
  { repository: 'a/x', profile: 'opus', running: 2 },
  { repository: 'a/x', profile: 'glm', running: 1 },
  { repository: 'b/y', profile: 'glm', running: 1 },
];

describe('heldBack', () => {
  it('holds back nothing where nothing is full', () => {
    const limits = { global: 5, perRepository: 4, perProfile: { opus: 3, glm: 3, haiku: 1 } };

    expect(heldBack(COUNTS, { limits })).toEqual({ repositories: [], profiles: [] });
  });

  it('holds back everything at the global limit, and under a limit of none a repository', () => {
    const limits = { global: 4, perRepository: 100, perProfile: {} };

    expect(heldBack(COUNTS, { limits })).toBe('everything');
    expect(heldBack([], { limits: { ...limits, perRepository: 0 } })).toBe('everything');
  });

  it('adds up the profiles of a repository, and the repositories of a profile', () => {
    const limits = { global: 100, perRepository: 3, perProfile: { opus: 3, glm: 2 } };

    expect(heldBack(COUNTS, { limits })).toEqual({ repositories: ['a/x'], profiles: ['glm'] });
  });

  it('holds back excluded profiles once, and those with a limit of zero', () => {
    const limits = { global: 100, perRepository: 100, perProfile: { opus: 2, haiku: 0 } };

    expect(heldBack(COUNTS, { limits, excludedProfiles: ['opus', 'minimax'] }).valueOf()).toEqual({
      repositories: [],
      profiles: ['opus', 'minimax', 'haiku'],
    });
  });
});
