import { Logger } from '@nestjs/common';
import { parseArgs } from 'node:util';

import { SABOTAGES } from './sabotage.js';
import { simulateMany } from './simulate-many.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '500' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    sabotage: { type: 'string' },
  },
});

Logger.overrideLogger(false);
const first = values.seed === undefined ? 1 : Number(values.seed);
// By its place in the list: to see what a failure looks like.
const sabotage = values.sabotage === undefined ? undefined : SABOTAGES[Number(values.sabotage)];
const before = process.cpuUsage().user;
const { sentence, isSound } = await simulateMany({
  first,
  seeds: values.seed === undefined ? Number(values.seeds) : 1,
  steps: Number(values.steps),
  keepsTrace: values.trace,
  ...(sabotage !== undefined && { sabotage }),
});
process.stdout.write(`${sentence}\n`);
process.stdout.write(`${Math.round((process.cpuUsage().user - before) / 1_000)} ms of CPU\n`);
process.exitCode = isSound ? 0 : 1;
