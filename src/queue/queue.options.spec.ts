import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { InProcessEventBus } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryJobStore } from './in-memory-job-store.js';
import { resolveQueueOptions, type QueueModuleOptions } from './queue.options.js';

describe('resolveQueueOptions', () => {
  it('fills in every default', () => {
    const options = resolveQueueOptions({});

    expect(options).toMatchObject({ leaseMs: 30_000, limits: { global: 4, perRepository: 2, perProfile: {} } });
    expect(options.store).toBeInstanceOf(InMemoryJobStore);
    expect(options.bus).toBeInstanceOf(InProcessEventBus);
  });

  it('has the defaults that its documentation states', () => {
    const source = readFileSync(new URL('./queue.options.ts', import.meta.url), 'utf8');

    const { limits, leaseMs } = resolveQueueOptions({});

    expect(source).toContain(
      `@default { global: ${limits.global}, perRepository: ${limits.perRepository}, perProfile: {} }`,
    );
    expect(source).toContain(`@default ${leaseMs}\n`);
  });

  it('names each process differently', () => {
    const [first, second] = [resolveQueueOptions({}), resolveQueueOptions({})];

    expect(first.holder).toContain(`:${process.pid}:`);
    expect(first.holder).not.toBe(second.holder);
  });

  it('keeps what it is given, and fills in the rest of the limits', () => {
    const store = new InMemoryJobStore(new FakeClock());
    const bus = new InProcessEventBus();

    const options = resolveQueueOptions({
      store,
      bus,
      holder: 'host-1',
      leaseMs: 1_000,
      limits: { perRepository: 0, perProfile: { opus: 1 } },
    });

    expect(options).toEqual({
      store,
      bus,
      holder: 'host-1',
      leaseMs: 1_000,
      limits: { global: 4, perRepository: 0, perProfile: { opus: 1 } },
    });
  });

  it('gives the default store the clock it is given', async () => {
    const { store } = resolveQueueOptions({ clock: new FakeClock(5) });
    const issue = { owner: 'a', repo: 'b', number: 1 };

    const { job } = await store.put(
      { issue, title: '', profile: '', priority: 0, blockers: [], details: {} },
      'Assigned',
    );

    expect(job.createdAt).toBe(5);
  });

  it.each<[string, QueueModuleOptions, string]>([
    ['a negative limit', { limits: { global: -1 } }, 'limits.global must be a whole number from 0, got -1'],
    ['a broken limit', { limits: { perRepository: 1.5 } }, 'limits.perRepository'],
    ['a limit that is no number', { limits: { perProfile: { opus: Number.NaN } } }, 'limits.perProfile.opus'],
    ['an endless limit', { limits: { global: Infinity } }, 'limits.global'],
    ['a short lease', { leaseMs: 999 }, 'leaseMs must be a whole number from 1000, got 999'],
    ['a broken lease', { leaseMs: 1000.5 }, 'leaseMs'],
    ['a blank holder', { holder: ' ' }, 'holder must not be blank'],
  ])('refuses %s', (_what, given, sentence) => {
    expect(() => resolveQueueOptions(given)).toThrow(
      expect.objectContaining({ code: 'QUEUE_OPTIONS_INVALID', message: expect.stringContaining(sentence) }),
    );
  });

  it('names every fault at once', () => {
    expect(() => resolveQueueOptions({ leaseMs: 0, holder: '', limits: { global: -1, perRepository: -1 } })).toThrow(
      /limits\.global .*; limits\.perRepository .*; leaseMs .*; holder /,
    );
  });
});
