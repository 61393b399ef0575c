import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';

import {
  CLOCK,
  EVENT_BUS,
  InProcessEventBus,
  InvalidIssueRefError,
  KernelModule,
  RANDOMNESS,
  SystemClock,
  SystemRandomness,
  formatIssueRef,
  isRepositoryName,
  issueKey,
  messageOf,
  parseIssueRef,
  repositoryKey,
  type DomainEvent,
  type EventBus,
} from './index.js';

describe('parseIssueRef', () => {
  it('reads what formatIssueRef writes', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
    const ref = fc.record({ owner: name, repo: name, number: fc.integer({ min: 1, max: 1e9 }) });

    expect(() =>
      fc.assert(
        fc.property(ref, (given) => {
          expect(parseIssueRef(formatIssueRef(given))).toEqual(given);
        }),
      ),
    ).not.toThrow();
  });

  it.each(['', 'a/b', 'a/b#0', 'a/b#-1', 'a/b#1.5', 'a#1', '../b#1', 'a/..#1', 'a/b c#1', 'a/b/c#1', 'a/b#1x'])(
    'refuses %j',
    (text) => {
      expect(() => parseIssueRef(text)).toThrow(InvalidIssueRefError);
    },
  );
});

describe('issueKey', () => {
  it('is one text for one issue, whatever the case of its names', () => {
    const key = issueKey({ owner: 'Acme', repo: 'Tools', number: 7 });

    expect(key).toBe(issueKey({ owner: 'acme', repo: 'tools', number: 7 }));
    expect(repositoryKey({ owner: 'Acme', repo: 'Tools' })).toBe('acme/tools');
  });
});

describe('isRepositoryName', () => {
  it.each([
    ['a.b-c_1', true],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['', false],
    ['é', false],
    ['a'.repeat(101), false],
  ])('says of %j: %s', (name, expected) => {
    expect(isRepositoryName(name)).toBe(expected);
  });
});

describe('InProcessEventBus', () => {
  interface Happened extends DomainEvent {
    readonly type: 'test.happened';
    readonly value: number;
  }

  it('tells every listener of the type, and no other', () => {
    const bus = new InProcessEventBus();
    const heard: number[] = [];
    bus.subscribe<Happened>('test.happened', ({ value }) => heard.push(value));
    bus.subscribe('test.other', () => heard.push(-1));

    bus.publish({ type: 'test.happened', value: 1 } satisfies Happened);

    expect(heard).toEqual([1]);
  });

  it('stops telling whoever unsubscribed', () => {
    const bus = new InProcessEventBus();
    const heard: number[] = [];
    const unsubscribe = bus.subscribe<Happened>('test.happened', ({ value }) => heard.push(value));

    unsubscribe();
    bus.publish({ type: 'test.happened', value: 1 } satisfies Happened);

    expect(heard).toEqual([]);
  });

  it('keeps the failure of one listener from the others and from the publisher', () => {
    const failures: string[] = [];
    const bus = new InProcessEventBus((sentence) => failures.push(sentence));
    const heard: number[] = [];
    bus.subscribe('test.happened', () => {
      throw new Error('no');
    });
    bus.subscribe<Happened>('test.happened', ({ value }) => heard.push(value));

    bus.publish({ type: 'test.happened', value: 2 } satisfies Happened);

    expect(heard).toEqual([2]);
    expect(failures).toEqual(['A listener of test.happened failed: no']);
  });

  it('needs nobody to hear of failures', () => {
    const bus = new InProcessEventBus();
    bus.subscribe('test.happened', () => {
      throw new Error('no');
    });

    expect(() => bus.publish({ type: 'test.happened' })).not.toThrow();
  });
});

describe('SystemClock', () => {
  it('tells the time, and a time that never runs backwards', () => {
    const clock = new SystemClock();
    const first = clock.monotonic();

    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(first);
  });

  it('wakes a sleeper after its time', async () => {
    await expect(new SystemClock().sleep(1)).resolves.toBeUndefined();
  });

  it('wakes a sleeper at once when its signal is aborted, before or meanwhile', async () => {
    const clock = new SystemClock();
    const meanwhile = new AbortController();
    const sleeping = clock.sleep(60_000, meanwhile.signal);

    meanwhile.abort();

    await expect(sleeping).resolves.toBeUndefined();
    await expect(clock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('SystemRandomness', () => {
  it('makes version 4 UUIDs and fractions below 1', () => {
    const randomness = new SystemRandomness();

    expect(randomness.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(randomness.fraction()).toBeGreaterThanOrEqual(0);
    expect(randomness.fraction()).toBeLessThan(1);
  });
});

describe('messageOf', () => {
  it('finds the sentence of an error and of anything else', () => {
    expect([messageOf(new Error('broken')), messageOf('odd')]).toEqual(['broken', 'odd']);
  });
});

describe('KernelModule', () => {
  it('gives the app its clock, its chance and its bus', async () => {
    const app = await Test.createTestingModule({ imports: [KernelModule] }).compile();
    const bus = app.get<EventBus>(EVENT_BUS);
    bus.subscribe('test.happened', () => undefined);

    bus.publish({ type: 'test.happened' });

    expect(app.get(CLOCK)).toBeInstanceOf(SystemClock);
    expect(app.get(RANDOMNESS)).toBeInstanceOf(SystemRandomness);
  });
});
