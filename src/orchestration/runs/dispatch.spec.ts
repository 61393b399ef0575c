import { describe, expect, it } from '@jest/globals';

import { FakeClock } from '../../testing/index.js';
import type { AgentHealth } from '../ports/agent-health.port.js';
import { Dispatch } from './dispatch.js';
import type { DispatchGuard } from '../ports/dispatch-guard.port.js';
import { resolveOrchestrationOptions } from '../orchestration.options.js';

const HALF_A_MINUTE = 30_000;

function start() {
  const clock = new FakeClock();
  const closed = new Map<string, string>();
  const seen: string[] = [];
  const agentHealth: AgentHealth = {
    closedProfiles: () => closed,
    started: ({ id }) => void seen.push(`started ${id}`),
    ended: ({ id }) => void seen.push(`ended ${id}`),
    noteTurn: () => undefined,
    noteAnswer: () => undefined,
  };
  const budgets: DispatchGuard = { closedProfiles: async () => new Map([['opus', 'The budget is spent.']]) };
  const options = resolveOrchestrationOptions({ clock, agentHealth, dispatchGuards: [budgets] });
  const dispatch = new Dispatch(options);
  /** Looks as often as a tick would, and returns what is news at the last look. */
  const news = async (...laterMs: readonly number[]) => {
    let last: readonly string[] = [];
    for (const ms of laterMs) {
      clock.advance(ms);
      await dispatch.closedProfiles();
      last = dispatch.takeNews();
    }
    return last;
  };
  return { dispatch, closed, seen, news };
}

describe('Dispatch', () => {
  it('closes what any guard closes, for the reason of the first', async () => {
    const { dispatch, closed } = start();
    closed.set('opus', 'Its key was refused.').set('glm', 'It is busy.');

    expect(Object.fromEntries(await dispatch.closedProfiles())).toEqual({
      opus: 'Its key was refused.',
      glm: 'It is busy.',
    });
  });

  it('tells every guard that listens of a job that was started, and of its end', () => {
    const { dispatch, seen } = start();

    dispatch.started({ id: 'job-1', profile: 'glm' });
    dispatch.ended({ id: 'job-1', profile: 'glm' });

    expect(seen).toEqual(['started job-1', 'ended job-1']);
  });

  it('has news of what held for half a minute, once', async () => {
    const { news } = start();

    expect(await news(0)).toEqual([]);
    expect(await news(HALF_A_MINUTE - 1)).toEqual([]);
    expect(await news(1)).toEqual(['opus']);
    expect(await news(0, HALF_A_MINUTE)).toEqual([]);
  });

  it('has news of another reason when that held as long, and of an opening at once', async () => {
    const { closed, news } = start();
    closed.set('glm', 'It is busy.');
    expect(await news(0, HALF_A_MINUTE)).toEqual(['opus', 'glm']);

    closed.set('glm', 'One job tries.');
    expect(await news(0)).toEqual([]);
    closed.set('glm', 'It is busy again.');
    expect(await news(1, HALF_A_MINUTE)).toEqual(['glm']);

    closed.clear();
    expect(await news(0)).toEqual(['glm']);
    expect(await news(0)).toEqual([]);
  });

  it('has no news of an opening of which nobody was told that it was closed', async () => {
    const { closed, news } = start();
    closed.set('glm', 'It is busy.');
    await news(0);

    closed.clear();

    expect(await news(1_000)).toEqual([]);
  });
});
