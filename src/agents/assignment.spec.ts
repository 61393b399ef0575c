import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DIFFICULTIES } from '../kernel/index.js';
import { usableWindow, type AgentProfile } from './agent-profile.js';
import { InvalidEstimateError, NoCapableAgentError } from './assignment.errors.js';
import { assignProfile, splitProposal, type AssignmentNeed } from './assignment.js';

function makeProfile(given: Partial<AgentProfile> = {}): AgentProfile {
  return {
    name: 'sonnet',
    runtime: 'embedded',
    model: 'claude-sonnet-5-5',
    baseUrl: null,
    apiKey: 'key',
    windowTokens: 108_000,
    maxOutputTokens: 8_000,
    difficultyUpTo: 'medium',
    prices: { input: 3, output: 15 },
    isSelfHosted: false,
    maxConcurrent: 1,
    unusableBecause: null,
    ...given,
  };
}

function makeNeed(given: Partial<AssignmentNeed> = {}): AssignmentNeed {
  return { estimatedTokens: 10_000, difficulty: 'medium', recommendedAgent: null, ...given };
}

describe('assignProfile', () => {
  it('accepts an estimate of exactly half the usable window', () => {
    const chosen = assignProfile(makeNeed({ estimatedTokens: 50_000 }), [makeProfile()]);

    expect(chosen.name).toBe('sonnet');
  });

  it('refuses an estimate one token over half the usable window', () => {
    expect(() => assignProfile(makeNeed({ estimatedTokens: 50_001 }), [makeProfile()])).toThrow(
      'No agent profile can take an issue of 50,001 tokens that is medium. ' +
        'sonnet: its usable window of 100000 tokens holds less than twice the estimate.',
    );
  });

  it('goes by what the work takes with each profile, and says so where that is too much', () => {
    const estimateFor = ({ name }: AgentProfile): number => (name === 'sonnet' ? 50_001 : 40_000);
    const profiles = [makeProfile(), makeProfile({ name: 'opus', prices: { input: 15, output: 75 } })];

    expect(assignProfile(makeNeed({ estimatedTokens: 40_000 }), profiles, estimateFor).name).toBe('opus');
    expect(() => assignProfile(makeNeed({ estimatedTokens: 40_000 }), [makeProfile()], estimateFor)).toThrow(
      'less than twice the estimate, which is 50001 with this profile.',
    );
  });

  it('refuses an estimate of a profile that cannot be one', () => {
    expect(() => assignProfile(makeNeed(), [makeProfile()], () => NaN)).toThrow(InvalidEstimateError);
    expect(() => splitProposal(makeNeed(), [makeProfile()], () => 0)).toThrow(InvalidEstimateError);
  });

  it.each([0, -1, NaN, Infinity, -Infinity])('refuses %p as an estimate', (estimatedTokens) => {
    expect(() => assignProfile(makeNeed({ estimatedTokens }), [makeProfile()])).toThrow(InvalidEstimateError);
  });

  it('gives a reason for each profile', () => {
    const profiles = [
      makeProfile({ name: 'unknown', windowTokens: null }),
      makeProfile({ name: 'broken', windowTokens: NaN }),
      makeProfile({ name: 'small', windowTokens: 20_000 }),
      makeProfile({ name: 'simple', difficultyUpTo: 'easy' }),
      makeProfile({ name: 'off', unusableBecause: 'no key is configured: set KEY' }),
    ];

    expect(() => assignProfile(makeNeed(), profiles)).toThrow(
      expect.objectContaining({
        code: 'AGENTS_NONE_CAPABLE',
        reasons: [
          { profile: 'unknown', reason: 'its context window is unknown' },
          { profile: 'broken', reason: 'its usable window of NaN tokens holds less than twice the estimate' },
          { profile: 'small', reason: 'its usable window of 12000 tokens holds less than twice the estimate' },
          { profile: 'simple', reason: 'it is trusted up to easy' },
          { profile: 'off', reason: 'no key is configured: set KEY' },
        ],
      }),
    );
  });

  it('says so when no profile is configured', () => {
    expect(() => assignProfile(makeNeed(), [])).toThrow('No profile is configured.');
  });

  it('prefers self-hosted to paid, whatever the order', () => {
    const own = makeProfile({ name: 'glm', isSelfHosted: true, prices: { input: 0, output: 0 } });
    const free = makeProfile({ name: 'free', prices: { input: 0, output: 0 } });

    const chosen = [
      [own, free],
      [free, own],
    ].map((profiles) => assignProfile(makeNeed(), profiles).name);

    expect(chosen).toEqual(['glm', 'glm']);
  });

  it('counts an unknown price as the dearest, never as zero', () => {
    const profiles = [
      makeProfile({ name: 'broken', prices: { input: NaN, output: 0 } }),
      makeProfile({ name: 'unknown', prices: null }),
      makeProfile({ name: 'opus', prices: { input: 5, output: 25 } }),
    ];

    expect(assignProfile(makeNeed(), profiles).name).toBe('opus');
  });

  it('follows the recommendation among equal prices, in any case', () => {
    const profiles = ['a', 'b', 'c'].map((name) => makeProfile({ name }));

    expect(assignProfile(makeNeed({ recommendedAgent: 'B' }), profiles).name).toBe('b');
  });

  it('does not follow a recommendation that costs more', () => {
    const profiles = [
      makeProfile({ name: 'cheap', prices: { input: 1, output: 1 } }),
      makeProfile({ name: 'dear', prices: { input: 9, output: 9 } }),
    ];

    expect(assignProfile(makeNeed({ recommendedAgent: 'dear' }), profiles).name).toBe('cheap');
  });

  it('keeps the abler of two equal profiles free, and else takes the first', () => {
    const profiles = [
      makeProfile({ name: 'able', difficultyUpTo: 'hard' }),
      makeProfile({ name: 'first' }),
      makeProfile({ name: 'second' }),
    ];

    expect(assignProfile(makeNeed(), profiles).name).toBe('first');
  });

  const anyProfile = fc
    .record({
      windowTokens: fc.option(fc.integer({ min: 1, max: 400_000 }), { nil: null }),
      difficultyUpTo: fc.constantFrom(...DIFFICULTIES),
      cost: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
      unusableBecause: fc.constantFrom(null, null, null, 'off'),
    })
    .map(({ cost, ...given }) =>
      makeProfile({
        ...given,
        prices: cost === null ? null : { input: cost, output: cost },
        isSelfHosted: cost === 0,
      }),
    );
  const anyNeed = fc.record({
    estimatedTokens: fc.integer({ min: 1, max: 200_000 }),
    difficulty: fc.constantFrom(...DIFFICULTIES),
    recommendedAgent: fc.constantFrom(null, 'p0', 'p1', 'p2'),
  });
  const anyCase = fc
    .tuple(anyNeed, fc.array(anyProfile, { maxLength: 6 }))
    .map(([need, profiles]) => ({
      need,
      profiles: profiles.map((profile, index) => ({ ...profile, name: `p${index}` })),
    }))
    .map((given) => ({ ...given, capable: given.profiles.filter((profile) => canDo(given.need, profile)) }));
  const cost = ({ prices }: AgentProfile): number => prices?.input ?? Infinity;

  function canDo(need: AssignmentNeed, profile: AgentProfile): boolean {
    return (
      profile.unusableBecause === null &&
      (usableWindow(profile) ?? 0) / 2 >= need.estimatedTokens &&
      DIFFICULTIES.indexOf(profile.difficultyUpTo) >= DIFFICULTIES.indexOf(need.difficulty)
    );
  }

  it('never chooses one that costs more than another capable one', () => {
    fc.assert(
      fc.property(anyCase, ({ need, profiles, capable }) => {
        fc.pre(capable.length > 0);
        const chosen = assignProfile(need, profiles);

        expect(capable).toContain(chosen);
        expect(cost(chosen)).toBe(Math.min(...capable.map(cost)));
      }),
    );
  });

  it('chooses none only when none is capable', () => {
    fc.assert(
      fc.property(anyCase, ({ need, profiles, capable }) => {
        fc.pre(capable.length === 0);

        expect(() => assignProfile(need, profiles)).toThrow(NoCapableAgentError);
      }),
    );
  });
});

describe('splitProposal', () => {
  it('makes smaller parts where the work takes more than was thought', () => {
    const proposal = splitProposal(makeNeed({ estimatedTokens: 50_000 }), [makeProfile()], () => 100_000);

    expect(proposal).toEqual({ parts: 2, tokensPerPart: 25_000, difficultyUpTo: 'medium' });
  });

  it('cuts into as few equal parts as the largest capable window takes', () => {
    const profiles = [makeProfile({ windowTokens: 28_000 }), makeProfile(), makeProfile({ windowTokens: null })];

    expect(splitProposal(makeNeed({ estimatedTokens: 120_001 }), profiles)).toEqual({
      parts: 3,
      tokensPerPart: 40_001,
      difficultyUpTo: 'medium',
    });
  });

  it('asks for easier parts when nobody is trusted with the difficulty', () => {
    const easy = makeProfile({ difficultyUpTo: 'easy' });
    const profiles = [easy, makeProfile({ windowTokens: 28_000 }), easy];

    expect(splitProposal(makeNeed({ estimatedTokens: 15_000, difficulty: 'hard' }), profiles)).toEqual({
      parts: 2,
      tokensPerPart: 7_500,
      difficultyUpTo: 'medium',
    });
  });

  it('proposes nothing when no profile is usable', () => {
    const profiles = [makeProfile({ unusableBecause: 'off' }), makeProfile({ windowTokens: 8_001 })];

    expect(splitProposal(makeNeed(), profiles)).toBeNull();
  });

  it('refuses an estimate that is none', () => {
    expect(() => splitProposal(makeNeed({ estimatedTokens: 0 }), [makeProfile()])).toThrow(
      expect.objectContaining({ code: 'AGENTS_ESTIMATE_INVALID' }),
    );
  });

  it('proposes parts that some profile can take', () => {
    const windows = fc.array(fc.integer({ min: 8_002, max: 200_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(windows, fc.integer({ min: 1, max: 2_000_000 }), (sizes, estimatedTokens) => {
        const profiles = sizes.map((windowTokens) => makeProfile({ windowTokens }));
        const split = splitProposal(makeNeed({ estimatedTokens }), profiles);

        expect((split?.parts ?? 0) * (split?.tokensPerPart ?? 0)).toBeGreaterThanOrEqual(estimatedTokens);
        expect(assignProfile(makeNeed({ estimatedTokens: split?.tokensPerPart ?? NaN }), profiles)).toBeDefined();
      }),
    );
  });
});
