import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { SABOTAGES } from './sabotage.js';
import { simulateMany } from './simulate-many.js';
import { simulate } from './simulation.js';

jest.setTimeout(120_000);

/** What runs in the suite; `.ci/run` plays 1,000. More by hand: `npm run simulate -- --seeds 10000`. */
const SEEDS = 50;
const STEPS = 500;
/** Within so many seeds a protection that is gone must be missed. */
const SEEDS_TO_NOTICE = 150;

beforeAll(() => Logger.overrideLogger(false));

describe('many coordinators on one store', () => {
  it(`keep every promise, over ${SEEDS} seeds of ${STEPS} steps each`, async () => {
    // In a process of its own: measuring what is covered would make it slow.
    const { code, output } = await runSimulation(['--seeds', String(SEEDS), '--steps', String(STEPS)]);

    expect(output).toContain(`Seeds 1 to ${SEEDS}, ${STEPS} steps each: every promise kept.`);
    expect(code).toBe(0);
  }, 400_000);

  it('play nothing where it is not said how often', async () => {
    expect(await runSimulation(['--seeds', 'many'])).toEqual({ code: 2, output: '' });
    expect(await runSimulation(['--seeds', '1', '--sabotage', '99'])).toEqual({ code: 2, output: '' });
  });

  it('do the same again with the same seed', async () => {
    const [once, again, other] = [
      await simulate({ seed: 17, steps: 200, keepsTrace: true }),
      await simulate({ seed: 17, steps: 200, keepsTrace: true }),
      await simulate({ seed: 18, steps: 200 }),
    ];

    expect(again.trace).toEqual(once.trace);
    expect(again.hash).toBe(once.hash);
    expect(other.hash).not.toBe(once.hash);
  });

  it('have something to do: deliveries, claims, writes and work in review', async () => {
    const { counts, ran } = await simulateMany({ first: 1, seeds: 10, steps: STEPS });

    expect(ran).toBe(10);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
  });
});

describe('the simulation notices', () => {
  it.each(SABOTAGES)(
    'when $name',
    async (sabotage) => {
      const { failed, sentence, ran } = await simulateMany({
        first: 1,
        seeds: SEEDS_TO_NOTICE,
        steps: STEPS,
        sabotage,
      });

      expect(sentence).toMatch(sabotage.notices);
      expect(sentence).toContain(`npm run simulate -- --steps ${STEPS} --seed ${failed?.seed} --trace`);
      expect(ran).toBeLessThanOrEqual(SEEDS_TO_NOTICE);
    },
    120_000,
  );
});

async function runSimulation(options: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, ['test/simulation/simulate.mjs', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [[code], output] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
  return { code, output };
}
