import { describe, expect, it } from '@jest/globals';
import { assignProfile } from './assignment.js';
import { defaultProfiles, type DefaultProfileSettings } from './default-profiles.js';

const NOTHING: DefaultProfileSettings = {
  anthropicApiKey: null,
  anthropicBaseUrl: null,
  glmBaseUrl: null,
  glmApiKey: null,
  minimaxBaseUrl: null,
  minimaxApiKey: null,
};
const ALL: DefaultProfileSettings = {
  ...NOTHING,
  anthropicApiKey: 'key',
  glmBaseUrl: 'http://glm.example',
  minimaxBaseUrl: 'http://minimax.example',
};

describe('defaultProfiles', () => {
  it('lists the five profiles with their windows, difficulties and prices', () => {
    const rows = defaultProfiles(ALL).map((profile) => [
      profile.name,
      profile.model,
      profile.windowTokens,
      profile.maxOutputTokens,
      profile.difficultyUpTo,
      profile.prices,
      profile.isSelfHosted,
    ]);

    expect(rows).toEqual([
      ['opus', 'claude-opus-5', 1_000_000, 16_384, 'hard', { input: 5, output: 25 }, false],
      ['sonnet', 'claude-sonnet-5-5', 1_000_000, 16_384, 'medium', { input: 3, output: 15 }, false],
      ['haiku', 'claude-haiku-5-5', 1_000_000, 16_384, 'easy', { input: 1, output: 5 }, false],
      ['glm', 'glm', 128_000, 8_192, 'medium', { input: 0, output: 0 }, true],
      ['minimax', 'minimax', 128_000, 8_192, 'easy', { input: 0, output: 0 }, true],
    ]);
  });

  it('says of each unconfigured profile which variable to set', () => {
    const reasons = defaultProfiles(NOTHING).map((profile) => profile.unusableBecause);

    expect(reasons).toEqual([
      'no key is configured: set ANTHROPIC_API_KEY',
      'no key is configured: set ANTHROPIC_API_KEY',
      'no key is configured: set ANTHROPIC_API_KEY',
      'no address is configured: set GLM_BASE_URL',
      'no address is configured: set MINIMAX_BASE_URL',
    ]);
  });

  it('hands addresses, keys and model names to the profiles they are for', () => {
    const profiles = defaultProfiles({
      ...ALL,
      anthropicBaseUrl: 'http://proxy.example',
      glmApiKey: 'glm-key',
      minimaxApiKey: 'minimax-key',
      glmModel: 'org/glm',
      minimaxModel: 'org/minimax',
    });

    expect(profiles.map(({ model, baseUrl, apiKey }) => [model, baseUrl, apiKey])).toEqual([
      ['claude-opus-5', 'http://proxy.example', 'key'],
      ['claude-sonnet-5-5', 'http://proxy.example', 'key'],
      ['claude-haiku-5-5', 'http://proxy.example', 'key'],
      ['org/glm', 'http://glm.example', 'glm-key'],
      ['org/minimax', 'http://minimax.example', 'minimax-key'],
    ]);
  });

  it.each([
    { settings: ALL, difficulty: 'easy', estimatedTokens: 46_800, chosen: 'minimax' },
    { settings: ALL, difficulty: 'medium', estimatedTokens: 46_800, chosen: 'glm' },
    { settings: ALL, difficulty: 'medium', estimatedTokens: 59_905, chosen: 'sonnet' },
    { settings: ALL, difficulty: 'hard', estimatedTokens: 46_800, chosen: 'opus' },
    { settings: { ...NOTHING, anthropicApiKey: 'key' }, difficulty: 'easy', estimatedTokens: 1, chosen: 'haiku' },
  ] as const)('gives $difficulty work of $estimatedTokens tokens to $chosen', ({ settings, chosen, ...need }) => {
    const profile = assignProfile({ ...need, recommendedAgent: null }, defaultProfiles(settings));

    expect(profile.name).toBe(chosen);
  });
});
