import { simulate, type SimulationResult } from './simulation.js';
import type { Sabotage } from './sabotage.js';

export interface ManyOptions {
  /** The first seed; the others follow it. */
  readonly first: number;
  readonly seeds: number;
  readonly steps: number;
  /** @default none */
  readonly sabotage?: Sabotage;
  readonly keepsTrace?: boolean;
}

export interface ManyResult {
  readonly isSound: boolean;
  /** What to print. */
  readonly sentence: string;
  /** Null where every promise was kept. */
  readonly failed: SimulationResult | null;
  readonly ran: number;
  /** What happened in all of them together. */
  readonly counts: SimulationResult['counts'];
}

/** Runs seed after seed, until one breaks a promise. */
export async function simulateMany({ first, seeds, steps, ...options }: ManyOptions): Promise<ManyResult> {
  const counts = { claims: 0, deliveries: 0, effects: 0, reviews: 0 };
  let hash = '';
  for (let at = 0; at < seeds; at += 1) {
    const result = await simulate({ seed: first + at, steps, ...options });
    ({ hash } = result);
    if (result.failure !== null) {
      return { isSound: false, sentence: reportOf(result, steps), failed: result, ran: at + 1, counts };
    }
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += result.counts[name];
    // Others may have something to do, and a failure nobody caught is told.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const range = seeds === 1 ? `Seed ${first}` : `Seeds ${first} to ${first + seeds - 1}`;
  const { claims, deliveries, effects, reviews } = counts;
  const sentence = `${range}, ${steps} steps each: every promise kept. ${deliveries} deliveries, ${claims} claims, ${effects} writes under a token, ${reviews} times in review. The trace of the last seed is ${hash}.`;
  return { isSound: true, sentence, failed: null, ran: seeds, counts };
}

function reportOf({ seed, failure, trace, hash }: SimulationResult, steps: number): string {
  return [
    `Seed ${seed}, step ${failure?.step}: ${failure?.sentence}`,
    'The last steps (number, milliseconds, what happened):',
    ...trace.map((line) => `  ${line}`),
    `The trace is ${hash}. To see it again, with every line: npm run simulate -- --steps ${steps} --seed ${seed} --trace`,
  ].join('\n');
}
