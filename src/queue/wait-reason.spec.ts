import { describe, expect, it } from '@jest/globals';

import { issueKey, parseIssueRef } from '../kernel/index.js';
import type { JobState } from './job-states.js';
import type { Job } from './queue.types.js';
import { formatCycle, waitReason, type QueuePicture } from './wait-reason.js';

function jobIn(state: JobState, change: Partial<Job> = {}): Job {
  const issue = parseIssueRef('Acme/Web#1');
  return {
    id: issueKey(issue),
    issue,
    title: 'Fix it',
    profile: 'opus',
    priority: 0,
    blockers: [],
    details: {},
    state,
    reason: 'The reason.',
    fencingToken: 1,
    lease: null,
    notBefore: null,
    waitMs: null,
    failures: 0,
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}

function blockedBy(...refs: string[]): Partial<Job> {
  return {
    blockers: refs.map((text) => {
      const [ref = '', word] = text.split(' ');
      return { issue: parseIssueRef(ref), isFinished: word === 'finished' };
    }),
  };
}

function picture(change: Partial<QueuePicture> = {}): QueuePicture {
  return {
    blockerStates: new Map(),
    running: [],
    limits: { global: 4, perRepository: 2, perProfile: { opus: 1 } },
    excludedProfiles: new Map(),
    jobsAhead: 0,
    isMoreAhead: false,
    ...change,
  };
}

function running(...jobs: (readonly [ref: string, profile: string])[]): Partial<QueuePicture> {
  return { running: jobs.map(([ref, profile]) => ({ issue: parseIssueRef(ref), profile })) };
}

describe('waitReason of a pending job', () => {
  it.each([
    ['pending', 'waits itself'],
    ['available', 'waits for its turn'],
    ['running', 'is worked on'],
    ['retryable', 'will be tried again'],
    ['in_review', 'is in review'],
    ['completed', 'was opened again'],
    ['needs_attention', 'needs a person'],
    ['cancelled', 'is no longer with the bot'],
  ] as const)('says of a blocker whose job is %s that it %s', (state, words) => {
    const reason = waitReason(
      jobIn('pending', blockedBy('Acme/Web#2')),
      picture({ blockerStates: new Map([['acme/web#2', state]]) }),
    );

    expect(reason).toBe(`Waits for Acme/Web#2 (${words}).`);
  });

  it('names every unfinished blocker, those without a job too', () => {
    const reason = waitReason(
      jobIn('pending', blockedBy('acme/web#2', 'acme/web#3 finished', 'other/lib#4', 'other/lib#5')),
      picture({ blockerStates: new Map([['acme/web#2', 'running' as const]]) }),
    );

    expect(reason).toBe(
      'Waits for acme/web#2 (is worked on), other/lib#4 (is not with the bot) and other/lib#5 (is not with the bot).',
    );
  });

  it('counts blockers beyond the fifth', () => {
    const refs = [2, 3, 4, 5, 6, 7, 8].map((number) => `acme/web#${number}`);

    const reason = waitReason(jobIn('pending', blockedBy(...refs)), picture());

    expect(reason).toContain('acme/web#6 (is not with the bot) and 2 more.');
    expect(reason).not.toContain('#7');
  });

  it('names all of five blockers', () => {
    const refs = [2, 3, 4, 5, 6].map((number) => `acme/web#${number}`);

    expect(waitReason(jobIn('pending', blockedBy(...refs)), picture())).toMatch(
      / and acme\/web#6 \(is not with the bot\)\.$/,
    );
  });

  it('names the circle that it is part of', () => {
    const reason = waitReason(
      jobIn('pending', blockedBy('acme/web#2')),
      picture({ cycle: ['acme/web#1', 'acme/web#2'] }),
    );

    expect(reason).toBe(
      'Waits in a circle that an edit of one of its issues must break: acme/web#1 → acme/web#2 → acme/web#1.',
    );
  });

  it('names a circle that holds up what it waits for', () => {
    const reason = waitReason(
      jobIn('pending', blockedBy('acme/web#2')),
      picture({ blockerStates: new Map([['acme/web#2', 'pending' as const]]), cycle: ['a/b#7', 'a/b#8'] }),
    );

    expect(reason).toBe('Waits for acme/web#2 (waits itself), behind the circle a/b#7 → a/b#8 → a/b#7.');
  });
});

describe('waitReason of an available job', () => {
  it('says that all places are taken', () => {
    const full = running(['a/a#1', 'glm'], ['b/b#1', 'glm'], ['c/c#1', 'glm'], ['d/d#1', 'glm']);

    expect(waitReason(jobIn('available'), picture(full))).toBe('Waits for a free place: 4 of 4 jobs run.');
  });

  it('says that all places in its repository are taken', () => {
    const full = running(['acme/web#7', 'glm'], ['ACME/web#8', 'glm'], ['b/b#1', 'glm']);

    expect(waitReason(jobIn('available'), picture(full))).toBe(
      'Waits for a free place in Acme/Web: 2 of 2 jobs run there.',
    );
  });

  it('says that all places of its profile are taken', () => {
    const full = running(['acme/web#7', 'opus'], ['b/b#1', 'glm']);

    expect(waitReason(jobIn('available'), picture(full))).toBe(
      'Waits for a free place of profile opus: 1 of 1 jobs run.',
    );
  });

  it('says that its profile is not used at present', () => {
    const excludedProfiles = new Map([['opus', '']]);

    expect(waitReason(jobIn('available'), picture({ excludedProfiles }))).toBe(
      'Waits for profile opus, which is not used at present.',
    );
  });

  it('says why its profile is not used, before it speaks of places', () => {
    const full = running(['a/a#1', 'glm'], ['b/b#1', 'glm'], ['c/c#1', 'glm'], ['d/d#1', 'glm']);
    const excludedProfiles = new Map([['opus', 'Its key was refused.']]);

    expect(waitReason(jobIn('available'), picture({ ...full, excludedProfiles }))).toBe(
      'Waits for profile opus. Its key was refused.',
    );
  });

  it.each([
    [0, false, 'Waits for its turn: it is the next.'],
    [1, false, 'Waits for its turn: 1 job is ahead.'],
    [7, false, 'Waits for its turn: 7 jobs are ahead.'],
    [100, true, 'Waits for its turn: at least 100 jobs are ahead.'],
  ])('says how many jobs are ahead: %i', (jobsAhead, isMoreAhead, sentence) => {
    const free = running(['acme/web#7', 'glm'], ['b/b#1', 'glm'], ['c/c#1', 'glm']);

    expect(waitReason(jobIn('available'), picture({ ...free, jobsAhead, isMoreAhead }))).toBe(sentence);
  });

  it('says that it waits for the agent it was taken from, where nothing else holds it up', () => {
    const lease = { holder: 'host:1:a', endsAt: 5 };

    expect(waitReason(jobIn('available', { lease }), picture({}))).toBe(
      'Waits until the agent that worked on it until now has stopped.',
    );
    expect(
      waitReason(
        jobIn('available', { lease, profile: 'glm' }),
        picture({ excludedProfiles: new Map([['glm', 'Its key was refused.']]) }),
      ),
    ).toBe('Waits for profile glm. Its key was refused.');
  });

  it('knows no limit for a profile that has none of its own', () => {
    const full = running(['b/b#1', 'glm'], ['c/c#1', 'glm'], ['d/d#1', 'glm']);

    expect(waitReason(jobIn('available', { profile: 'glm' }), picture(full))).toContain('it is the next');
  });
});

describe('waitReason of other jobs', () => {
  it('says until when a retryable job waits, and why', () => {
    const at = Date.UTC(2026, 1, 3, 4, 5, 6);

    expect(waitReason(jobIn('retryable', { notBefore: at }), picture())).toBe(
      'Waits until 2026-02-03T04:05:06.000Z to be tried again: The reason.',
    );
    expect(waitReason(jobIn('retryable', { updatedAt: at }), picture())).toContain('2026-02-03T04:05:06.000Z');
  });

  it.each([
    ['running', 'Runs, and waits for nothing.'],
    ['in_review', 'Waits for its pull request to be merged: The reason.'],
    ['completed', 'Is completed: The reason.'],
    ['needs_attention', 'Waits for a person: The reason.'],
    ['cancelled', 'Is cancelled: The reason.'],
  ] as const)('gives the reason of a job that is %s', (state, sentence) => {
    expect(waitReason(jobIn(state), picture())).toBe(sentence);
  });

  it('ends in one full stop, whether the reason has one or not', () => {
    expect(waitReason(jobIn('completed', { reason: 'Merged' }), picture())).toBe('Is completed: Merged.');
  });
});

describe('formatCycle', () => {
  it('comes back to where it began', () => {
    expect(formatCycle(['a/b#1'])).toBe('a/b#1 → a/b#1');
    expect(formatCycle(['a/b#1', 'c/d#2'])).toBe('a/b#1 → c/d#2 → a/b#1');
  });
});
