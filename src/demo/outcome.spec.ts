import { describe, expect, it } from '@jest/globals';

import { endTable, faultsOf, type ShownJob } from './outcome.js';

const RESULTS = ['build', 'lint', 'test', 'coverage'].map((gate) => ({ gate, passed: true }));
const SPEND = { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 30, cacheWriteTokens: 4 };

function job(number: number, progress: Partial<ShownJob['progress']> = {}, state = 'completed'): ShownJob {
  return {
    issue: `acme/calculator#${number}`,
    state,
    why: 'Waits for a person.',
    profile: 'glm',
    progress: {
      rejections: number === 1 ? 1 : 0,
      compactions: number === 2 ? 1 : 0,
      spend: SPEND,
      verdict: { results: RESULTS },
      pullRequest: { number: number + 3 },
      ...progress,
    },
  };
}

const GOOD = [job(1), job(2), job(3)];
const SIGHTING = { merged: [1, 3, 2], seconds: new Map([[1, 8.14]]) };

describe('faultsOf', () => {
  it('finds none when the end is as it must be', () => {
    expect(faultsOf(GOOD, SIGHTING)).toEqual([]);
  });

  it.each([
    [
      'a job that is not completed',
      [job(1), job(2), job(3, {}, 'needs_attention')],
      'issue #3 is not completed: Waits for a person.',
    ],
    ['a job too few', [job(1), job(2)], 'issue #3 is not completed: no job'],
    ['no rejection', [job(1, { rejections: 0 }), job(2), job(3)], 'the gates never rejected the work on issue #1'],
    ['no compaction', [job(1), job(2, { compactions: 0 }), job(3)], 'the session of issue #2 was never compacted'],
    ['no verdict', [job(1), job(2, { verdict: null }), job(3)], 'the gates of issue #2 did not all pass'],
    [
      'a gate too few',
      [job(1), job(2, { verdict: { results: RESULTS.slice(1) } }), job(3)],
      'the gates of issue #2 did not all pass',
    ],
    [
      'a gate that failed',
      [job(1), job(2, { verdict: { results: [...RESULTS, { gate: 'setup', passed: false }] } }), job(3)],
      'the gates of issue #2 did not all pass',
    ],
  ])('finds %s', (_name, jobs, fault) => {
    expect(faultsOf(jobs, SIGHTING)).toContain(fault);
  });

  it('finds what was merged too early, or not at all', () => {
    const faults = faultsOf(GOOD, { ...SIGHTING, merged: [2, 1] });

    expect(faults).toEqual([
      'the work on issue #3 was not merged',
      'issue #1 was not the first to be merged, though it blocks the others',
    ]);
  });

  it('finds everything where there is nothing', () => {
    expect(faultsOf([], { merged: [], seconds: new Map() })).toHaveLength(12);
  });
});

describe('endTable', () => {
  it('shows a line a job, in columns', () => {
    const failed = job(2, { verdict: { results: [{ gate: 'test', passed: false }] }, pullRequest: null });

    expect(endTable([job(1), failed, job(3, { verdict: null })], SIGHTING).split('\n')).toEqual([
      '  issue   agent   rejected   compacted   gates                              pull request   tokens   seconds',
      '  ─────   ─────   ────────   ─────────   ────────────────────────────────   ────────────   ──────   ───────',
      '  #1      glm     1          0           ✓ build ✓ lint ✓ test ✓ coverage   #4             1,234    8.1',
      '  #2      glm     0          1           ✗ test                             none           1,234    0.0',
      '  #3      glm     0          0                                              #6             1,234    0.0',
    ]);
  });
});
