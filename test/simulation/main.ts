import { Logger } from '@nestjs/common';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { SABOTAGES, type Sabotage } from './sabotage.js';
import { simulateMany } from './simulate-many.js';

/** After so many seeds it says that it is still there. */
const SEEDS_A_LINE = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '500' },
    /** The first seed. */
    from: { type: 'string', default: '1' },
    /** This seed alone. */
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    sabotage: { type: 'string' },
    processes: { type: 'string', default: String(availableParallelism()) },
  },
});

/** A mistake in the arguments, said in a sentence. */
class UsageError extends Error {}

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

interface Plan {
  readonly first: number;
  readonly seeds: number;
  readonly steps: number;
}

/** Whether every promise was kept. */
function run(): Promise<boolean> {
  const plan = {
    first: whole('from', values.seed ?? values.from, 0),
    seeds: values.seed === undefined ? whole('seeds', values.seeds, 1) : 1,
    steps: whole('steps', values.steps, 1),
  };
  const processes = Math.min(whole('processes', values.processes, 1), Math.ceil(plan.seeds / SEEDS_A_LINE));
  return processes > 1 ? shareOut(plan, processes) : play(plan);
}

/** @throws {UsageError} if it is none: what plays nothing would say that all is well */
function whole(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageError(`--${name} must be a whole number from ${least}, not ${given}`);
}

async function play({ first, seeds, steps }: Plan): Promise<boolean> {
  Logger.overrideLogger(false);
  // By its place in the list: to see what a failure looks like.
  const sabotage = values.sabotage === undefined ? undefined : sabotageAt(values.sabotage);
  for (let done = 0; done < seeds; done += SEEDS_A_LINE) {
    const { sentence, isSound } = await simulateMany({
      first: first + done,
      seeds: Math.min(SEEDS_A_LINE, seeds - done),
      steps,
      keepsTrace: values.trace,
      ...(sabotage !== undefined && { sabotage }),
    });
    process.stdout.write(`${sentence}\n`);
    if (!isSound) return false;
  }
  return true;
}

/** @throws {UsageError} if there is none: what is not spoilt would seem not to be noticed */
function sabotageAt(given: string): Sabotage {
  const sabotage = SABOTAGES[whole('sabotage', given, 0)];
  if (sabotage !== undefined) return sabotage;
  throw new UsageError(`--sabotage must be a whole number below ${SABOTAGES.length}, not ${given}`);
}

/** Gives each process its part of the seeds. */
async function shareOut({ first, seeds }: Plan, parts: number): Promise<boolean> {
  const share = Math.ceil(seeds / parts);
  const codes = Array.from({ length: parts }, async (_, part) => {
    const mine = Math.min(share, seeds - part * share);
    const range = ['--from', String(first + part * share), '--seeds', String(mine), '--processes', '1'];
    const child = spawn(process.execPath, [...process.argv.slice(1), ...range], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  });
  return (await Promise.all(codes)).every((code) => code === 0);
}
