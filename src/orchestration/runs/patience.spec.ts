import { describe, expect, it } from '@jest/globals';

import { RUN_PHASES } from '../orchestration.errors.js';
import { Patience } from './patience.js';

describe('Patience', () => {
  it('lets a failure count against its job, but for what others or time must mend', () => {
    const patience = new Patience();

    const spared = RUN_PHASES.filter((phase) => !patience.isExhaustedBy('job-1', phase));

    expect(spared).toEqual(['account', 'model', 'budget']);
  });

  it('waits for an account as long as it takes', () => {
    const patience = new Patience();

    const counted = Array.from({ length: 1_000 }, () => patience.isExhaustedBy('job-1', 'account'));

    expect(counted).not.toContain(true);
  });

  it('waits for a model twenty times in a row, each job for itself, and begins anew after another end', () => {
    const patience = new Patience();
    const wait = (jobId: string) => patience.isExhaustedBy(jobId, 'model');

    expect(Array.from({ length: 21 }, () => wait('job-1')).indexOf(true)).toBe(20);
    expect(wait('job-2')).toBe(false);
    patience.renew('job-1');
    expect(wait('job-1')).toBe(false);
  });
});
