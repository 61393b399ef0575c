import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contractProfile } from '../../test/contracts/agent-runtime.contract.js';
import { InProcessEventBus, type DomainEvent } from '../kernel/index.js';
import { FakeClock, SeededRandomness } from '../testing/index.js';
import type { AgentProfile } from './agent-profile.js';
import { TURN_STOPS, type TurnResult, type TurnStop } from './agents.types.js';
import { ModelAvailability } from './model-availability.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const PROFILES: readonly AgentProfile[] = [
  ['opus', 'https://api.example', 'key-1'],
  ['sonnet', 'https://api.example/', 'key-1'],
  ['elsewhere', 'https://api.example', 'key-2'],
  ['glm', 'http://glm.example:8000', null],
].map(([name, baseUrl, apiKey]) => ({
  ...contractProfile,
  name: name ?? '',
  baseUrl: baseUrl ?? null,
  apiKey: apiKey ?? null,
}));

const [OPUS, SONNET, , GLM] = PROFILES as [AgentProfile, AgentProfile, AgentProfile, AgentProfile];

function turn(stop: TurnStop, given: Partial<TurnResult> = {}): TurnResult {
  return { stop, text: '', detail: `it said ${stop}`, retryAfterMs: null, ...given };
}

const UNREACHABLE = turn('error', { isUnreachable: true });

function start(profiles = PROFILES, seed = 1) {
  const clock = new FakeClock();
  const bus = new InProcessEventBus();
  const events: DomainEvent[] = [];
  for (const type of ['agents.profile-closed', 'agents.profile-reopened']) {
    bus.subscribe(type, (event) => void events.push(event));
  }
  const availability = new ModelAvailability(profiles, clock, new SeededRandomness(seed), bus);
  const closed = () => [...availability.closedProfiles().keys()];
  /** Lets the pause be over, whatever chance added to it. */
  const pauseEnds = (pauseMs: number) => clock.advance(pauseMs * 1.1 + 1);
  return { clock, availability, events, closed, pauseEnds };
}

describe('ModelAvailability', () => {
  it('lets everything be used at first, and whatever the ways are in which turns end well', () => {
    const { availability, closed, events } = start();

    for (const stop of [
      'end_turn',
      'max_turns',
      'refusal',
      'interrupted',
      'context_exhausted',
      'crashed',
      'error',
    ] as const) {
      availability.noteTurn(OPUS, turn(stop));
    }

    expect(closed()).toEqual([]);
    expect(events).toEqual([]);
  });

  it('speaks of no profile that it was not told of', () => {
    const { availability, closed } = start([GLM]);

    availability.noteTurn(OPUS, turn('auth'));
    availability.noteAnswer(OPUS);
    availability.started({ id: 'job-1', profile: 'opus' });
    availability.ended({ id: 'job-1', profile: 'opus' });

    expect(closed()).toEqual([]);
  });

  it('closes the profile whose key was refused, for a quarter of an hour, and says so once', () => {
    const { availability, clock, closed, events } = start();

    availability.noteTurn(OPUS, turn('auth'));
    availability.noteTurn(OPUS, turn('auth'));

    const reopensAt = availability.closures().get('opus')?.reopensAt ?? 0;
    expect(closed()).toEqual(['opus']);
    expect(Math.abs(reopensAt - clock.now() - 15 * MINUTE)).toBeLessThanOrEqual(1.5 * MINUTE);
    expect(availability.closedProfiles().get('opus')).toBe(
      `The model refused its key. It is tried again at ${new Date(reopensAt).toISOString()}.`,
    );
    expect(events).toEqual([
      { type: 'agents.profile-closed', profiles: ['opus'], cause: 'auth', reason: 'it said auth', reopensAt },
    ]);
  });

  it('does not wait longer because sessions that were at work fail too', () => {
    const { availability, clock } = start();
    availability.noteTurn(OPUS, turn('auth'));
    const reopensAt = availability.closures().get('opus')?.reopensAt;

    clock.advance(10 * MINUTE);
    availability.noteTurn(OPUS, turn('auth'));

    expect(availability.closures().get('opus')?.reopensAt).toBe(reopensAt);
  });

  it('lets a key that may not use one model work with another, however often the one is tried', () => {
    const { availability, closed, pauseEnds } = start();

    for (let time = 0; time < 3; time += 1) {
      availability.noteTurn(OPUS, turn('auth'));
      expect(closed()).toEqual(['opus']);
      pauseEnds(15 * MINUTE);
      availability.started({ id: 'job-1', profile: 'opus' });
    }
  });

  it('closes an account that may spend no more for an hour', () => {
    const { availability, clock, closed, pauseEnds } = start();

    availability.noteTurn(OPUS, turn('spend_limit', { detail: null }));
    clock.advance(0.9 * HOUR - 1);
    expect(closed()).toEqual(['opus', 'sonnet']);

    pauseEnds(HOUR);
    expect(closed()).toEqual([]);
  });

  it('closes every profile at an address that asks to wait, for as long as it asks', () => {
    const { availability, clock, closed, events } = start();

    availability.noteTurn(OPUS, turn('rate_limit', { retryAfterMs: 20_000 }));

    expect(closed()).toEqual(['opus', 'sonnet', 'elsewhere']);
    clock.advance(19_999);
    expect(closed()).toHaveLength(3);
    clock.advance(2_001);
    expect(closed()).toEqual([]);
    expect(events).toMatchObject([{ cause: 'rate_limit', profiles: ['opus', 'sonnet', 'elsewhere'] }]);
  });

  it('waits for the longest that sessions at one address were told', () => {
    const { availability, clock, closed } = start();

    for (const retryAfterMs of [20_000, 60_000, 5_000, null]) {
      availability.noteTurn(OPUS, turn('rate_limit', { retryAfterMs }));
    }

    clock.advance(59_999);
    expect(closed()).toHaveLength(3);
    clock.advance(6_001);
    expect(closed()).toEqual([]);
  });

  it('lets one job try when the pause is over, and opens with the first answer', () => {
    const { availability, closed, events, pauseEnds } = start();
    availability.noteTurn(OPUS, turn('spend_limit'));
    pauseEnds(HOUR);

    expect(closed()).toEqual([]);
    availability.started({ id: 'job-1', profile: 'sonnet' });
    expect(availability.closures().get('opus')).toEqual({
      sentence: 'Its account may spend no more. One job tries whether that has passed.',
      reopensAt: null,
    });
    expect(closed()).toEqual(['opus', 'sonnet']);

    availability.noteAnswer(SONNET);
    expect(closed()).toEqual([]);
    expect(events.at(-1)).toEqual({ type: 'agents.profile-reopened', profiles: ['opus', 'sonnet'] });
    expect(events).toHaveLength(2);
  });

  it('lets another job try when the one that did ends without an answer', () => {
    const { availability, closed, pauseEnds } = start();
    availability.noteTurn(GLM, turn('auth'));
    pauseEnds(15 * MINUTE);

    availability.started({ id: 'job-1', profile: 'glm' });
    availability.started({ id: 'job-0', profile: 'glm' });
    availability.ended({ id: 'job-0', profile: 'glm' });
    expect(closed()).toEqual(['glm']);

    availability.ended({ id: 'job-1', profile: 'glm' });
    expect(closed()).toEqual([]);
  });

  it('waits longer after each try in vain, says so once, and begins anew after an answer', () => {
    const { availability, clock, closed, events } = start();
    const doublings: number[] = [];
    const fail = () => {
      availability.noteTurn(GLM, turn('rate_limit'));
      const pauseMs = (availability.closures().get('glm')?.reopensAt ?? 0) - clock.now();
      doublings.push(Math.round(Math.log2(pauseMs / 15_000)));
      clock.advance(pauseMs);
      // Whether the job that tried is over by then or not.
      expect(closed()).toEqual([]);
      availability.started({ id: 'job-1', profile: 'glm' });
    };

    for (let time = 0; time < 4; time += 1) fail();
    expect(events).toHaveLength(1);
    availability.noteTurn(GLM, turn('end_turn'));
    expect(closed()).toEqual([]);
    fail();

    expect(doublings).toEqual([0, 1, 2, 3, 0]);
  });

  it('believes no answer of a session that was at work when the pause began', () => {
    const { availability, closed, pauseEnds } = start();
    availability.noteTurn(GLM, turn('rate_limit'));

    availability.noteAnswer(GLM);
    expect(closed()).toEqual(['glm']);

    pauseEnds(15_000);
    availability.started({ id: 'job-1', profile: 'glm' });
    availability.noteAnswer(GLM);
    expect(closed()).toEqual([]);
  });

  it('takes no job that was started before the pause for the one that tries', () => {
    const { availability, closed, pauseEnds } = start();
    availability.noteTurn(GLM, turn('auth'));
    availability.started({ id: 'job-1', profile: 'glm' });

    pauseEnds(15 * MINUTE);

    expect(closed()).toEqual([]);
  });

  it('closes an address at which three calls in a row found nobody', () => {
    const { availability, closed, events, pauseEnds } = start();
    availability.noteTurn(OPUS, UNREACHABLE);
    availability.noteTurn(OPUS, UNREACHABLE);
    availability.noteAnswer(SONNET);
    availability.noteTurn(OPUS, UNREACHABLE);
    availability.noteTurn(SONNET, UNREACHABLE);
    expect(closed()).toEqual([]);

    availability.noteTurn(OPUS, UNREACHABLE);
    expect(closed()).toEqual(['opus', 'sonnet', 'elsewhere']);
    expect(events).toMatchObject([{ cause: 'network' }]);

    pauseEnds(15_000);
    expect(closed()).toEqual([]);
    availability.noteTurn(OPUS, UNREACHABLE);
    expect(closed()).toHaveLength(3);
  });

  it('takes a refused key for a sign that the address answers', () => {
    const { availability, closed, events, pauseEnds } = start();
    availability.noteTurn(OPUS, turn('rate_limit'));
    pauseEnds(15_000);

    availability.noteTurn(OPUS, turn('auth'));

    expect(closed()).toEqual(['opus']);
    expect(events.map(({ type }) => type)).toEqual([
      'agents.profile-closed',
      'agents.profile-reopened',
      'agents.profile-closed',
    ]);
  });

  it.each(['auth', 'spend_limit', 'rate_limit'] as const)('takes %s for no call that found nobody', (stop) => {
    const { availability, events } = start();

    for (const given of [UNREACHABLE, UNREACHABLE, turn(stop), UNREACHABLE, UNREACHABLE]) {
      availability.noteTurn(OPUS, given);
    }
    expect(events).toMatchObject([{ cause: stop }]);

    availability.noteTurn(OPUS, UNREACHABLE);
    expect(events).toMatchObject([{ cause: stop }, { cause: 'network' }]);
  });

  it('takes an account that may spend no more for a sign that its key is good', () => {
    const { availability, closed, events, pauseEnds } = start();
    availability.noteTurn(OPUS, turn('auth'));
    pauseEnds(15 * MINUTE);

    availability.noteTurn(OPUS, turn('spend_limit'));

    expect(closed()).toEqual(['opus', 'sonnet']);
    expect(events.slice(1)).toMatchObject([
      { type: 'agents.profile-reopened', profiles: ['opus'] },
      { type: 'agents.profile-closed', profiles: ['opus', 'sonnet'], cause: 'spend_limit' },
    ]);
  });

  it('says anew what is wrong when it is something else', () => {
    const { availability, events } = start();

    availability.noteTurn(GLM, turn('rate_limit'));
    for (let time = 0; time < 3; time += 1) availability.noteTurn(GLM, UNREACHABLE);

    expect(events).toMatchObject([{ cause: 'rate_limit' }, { cause: 'network' }]);
    expect(availability.limitations()).toEqual([
      expect.stringMatching(/^Profile glm is not used\. The model does not answer\. It is tried again at 2023-.*Z\.$/),
    ]);
  });

  it('keeps addresses that speak different protocols apart', () => {
    const other = { ...OPUS, name: 'other', baseUrl: null, protocol: 'openai' as const };
    const { availability, closed } = start([{ ...OPUS, baseUrl: null }, other]);

    availability.noteTurn(other, turn('rate_limit', { detail: null }));

    expect(closed()).toEqual(['other']);
  });

  it('opens everything again in time, whatever happened, and lets at most one job of an account try', () => {
    const step = fc.record({
      profile: fc.constantFrom(...PROFILES),
      stop: fc.constantFrom(...TURN_STOPS),
      retryAfterMs: fc.option(fc.nat(HOUR)),
      isUnreachable: fc.boolean(),
      laterMs: fc.nat(2 * HOUR),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, seed) => {
        const { availability, clock, closed } = start(PROFILES, seed);
        for (const { profile, stop, laterMs, retryAfterMs, isUnreachable } of steps) {
          if (!closed().includes(profile.name)) {
            availability.started({ id: 'job-1', profile: profile.name });
            availability.ended({ id: 'job-1', profile: profile.name });
          }
          availability.noteTurn(profile, turn(stop, { retryAfterMs, isUnreachable }));
          clock.advance(laterMs);
        }
        clock.advance(3 * HOUR);

        expect(closed()).toEqual([]);
        availability.started({ id: 'job-2', profile: 'opus' });
        expect(['', 'opus', 'opus,sonnet', 'opus,sonnet,elsewhere']).toContain(closed().join());
      }),
    );
  });
});
