import { describe, expect, it } from '@jest/globals';

import { personNamed } from './person-named.js';
import type { JobEvent } from './queue.types.js';
import { replay } from './replay.js';

const FIRST: JobEvent = {
  sequence: 1,
  jobId: 'acme/web#1',
  at: 100,
  from: null,
  to: 'available',
  reason: 'Assigned',
  by: personNamed('ann'),
  fencingToken: 0,
  notBefore: null,
  failures: 0,
};
const CLAIM: JobEvent = {
  ...FIRST,
  sequence: 2,
  at: 200,
  from: 'available',
  to: 'running',
  reason: 'Claimed by host:1',
  by: { kind: 'coordinator', holder: 'host:1' },
  fencingToken: 1,
};

describe('replay', () => {
  it('tells of every job where its last row left it', () => {
    const other: JobEvent = { ...FIRST, sequence: 3, jobId: 'acme/web#2', to: 'pending' };
    const retry: JobEvent = {
      ...CLAIM,
      sequence: 4,
      at: 300,
      from: 'running',
      to: 'retryable',
      reason: 'Failed',
      notBefore: 900,
      failures: 1,
    };

    const jobs = replay([FIRST, CLAIM, other, retry]);

    const plain = { fencingToken: 0, holder: null, notBefore: null, failures: 0 };
    expect(Object.fromEntries(jobs)).toEqual({
      'acme/web#1': {
        ...plain,
        state: 'retryable',
        reason: 'Failed',
        fencingToken: 1,
        notBefore: 900,
        failures: 1,
        since: 300,
      },
      'acme/web#2': { ...plain, state: 'pending', reason: 'Assigned', since: 100 },
    });
  });

  it('tells who has the lease of a running job by who claimed it', () => {
    expect(replay([FIRST, CLAIM]).get('acme/web#1')?.holder).toBe('host:1');
    expect(replay([FIRST, { ...CLAIM, by: personNamed('ann') }]).get('acme/web#1')?.holder).toBeNull();
    expect(replay([FIRST, { ...CLAIM, by: null }]).get('acme/web#1')?.holder).toBeNull();
  });

  it('begins where the rows begin that were kept', () => {
    expect(replay([{ ...CLAIM, from: 'running', to: 'completed' }]).get('acme/web#1')?.state).toBe('completed');
    expect(replay([]).size).toBe(0);
  });

  it.each<[string, JobEvent]>([
    ['the job was available', { ...CLAIM, from: 'in_review', to: 'completed' }],
    ['goes on from nothing', { ...FIRST, sequence: 2 }],
    ['has token 0', { ...CLAIM, fencingToken: 0 }],
    ['has token -1', { ...CLAIM, to: 'cancelled', fencingToken: -1 }],
  ])('refuses rows that do not follow from one another: %s', (what, row) => {
    expect(() => replay([FIRST, row])).toThrow(
      expect.objectContaining({ code: 'QUEUE_HISTORY_BROKEN', message: expect.stringContaining(what) }),
    );
  });
});

describe('personNamed', () => {
  it('is nobody without a name', () => {
    expect(personNamed('ann')).toEqual({ kind: 'person', login: 'ann' });
    expect([personNamed(''), personNamed(null), personNamed(undefined)]).toEqual([null, null, null]);
  });
});
