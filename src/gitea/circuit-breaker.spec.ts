import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { GiteaAuthError, GiteaRequestError, GiteaUnreachableError } from './gitea.errors.js';

describe('CircuitBreaker', () => {
  const WAIT = 30_000;
  const unreachable = new GiteaUnreachableError('no connection');
  const badGateway = new GiteaRequestError(502, 'bad gateway');

  function makeBreaker() {
    const clock = new FakeClock();
    const breaker = new CircuitBreaker(clock);
    const isOpen = (): boolean => {
      try {
        breaker.admit();
        return false;
      } catch {
        return true;
      }
    };
    const fail = (times: number, error: unknown = unreachable): void => {
      for (let at = 0; at < times; at += 1) breaker.failed(error, WAIT);
    };
    return { breaker, clock, isOpen, fail };
  }

  it('opens at the fifth failure in a row', () => {
    const { isOpen, fail } = makeBreaker();

    fail(4);
    const after4 = isOpen();
    fail(1, badGateway);

    expect([after4, isOpen()]).toEqual([false, true]);
  });

  it('says for how long Gitea is left alone', () => {
    const { breaker, clock, fail } = makeBreaker();
    fail(5);
    clock.advance(500);

    expect(() => breaker.admit()).toThrow(
      new GiteaUnreachableError('Gitea is not answering and is left alone for another 2 s'),
    );
  });

  it.each([
    ['a success', (breaker: CircuitBreaker) => breaker.succeeded()],
    ['a 500', (breaker: CircuitBreaker) => breaker.failed(new GiteaRequestError(500, ''), WAIT)],
    ['a refused token', (breaker: CircuitBreaker) => breaker.failed(new GiteaAuthError(401, ''), WAIT)],
  ])('counts from the start after %s', (_, happen) => {
    const { breaker, isOpen, fail } = makeBreaker();

    fail(4);
    happen(breaker);
    fail(4);

    expect(isOpen()).toBe(false);
  });

  it('lets one request through when the pause is over, and closes on its success', () => {
    const { breaker, clock, isOpen, fail } = makeBreaker();
    fail(5);
    clock.advance(2_000);

    const probes = [isOpen(), isOpen()];
    breaker.succeeded();

    expect([...probes, isOpen(), isOpen()]).toEqual([false, true, false, false]);
  });

  it('doubles the pause each time the probe fails, up to a minute', () => {
    const { clock, isOpen, fail } = makeBreaker();
    fail(5);
    const pauses: number[] = [];

    for (let round = 0; round < 7; round += 1) {
      let pause = 0;
      for (; isOpen(); pause += 1_000) clock.advance(1_000);
      pauses.push(pause);
      fail(1);
    }

    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('takes no notice of requests that were under way when it opened', () => {
    const { clock, isOpen, fail } = makeBreaker();

    fail(10);
    clock.advance(2_000);

    expect(isOpen()).toBe(false);
  });

  it.each([
    [31_000, 31_000],
    [99_000_000, 600_000],
  ])('opens at once when asked to wait %i ms, for %i ms', (asked, pause) => {
    const { clock, isOpen, fail } = makeBreaker();

    fail(1, new GiteaRequestError(429, '', asked));
    clock.advance(pause - 1);
    const before = isOpen();
    clock.advance(1);

    expect([before, isOpen()]).toEqual([true, false]);
  });

  it('stays closed when asked to wait no longer than a call waits', () => {
    const { isOpen, fail } = makeBreaker();

    fail(1, new GiteaRequestError(429, '', WAIT));

    expect(isOpen()).toBe(false);
  });
});
