import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { SABOTAGES } from './sabotages.mjs';

export const USAGE = `npm run chaos -- [options]

  --kills N            kill -9 of coordinators (10)
  --database-kills N   kill -9 of PostgreSQL (0)
  --deliveries N       deliveries to be accepted (1000)
  --issues N           issues they are about (one for 50 deliveries, at least 12)
  --pauses N           how often a coordinator is stopped for longer than its lease (a twentieth of the kills)
  --work-ms N          how long one step of an agent takes at most (250)
  --long-percent N     how many of a hundred steps outlast a lease (5)
  --aim EXPRESSION     only at commit points that it fits, such as 'commit: insert deliveries' or 'effect:'
  --store NAME         embedded or postgres (embedded)
  --replicas N         coordinators at once; more than one needs postgres (1, or 3 with postgres)
  --seed N             repeats what is done, as far as timing allows (a random one, printed)
  --minutes N          the harness gives up after this long, and fails (30)
  --seconds N          no more faults after this long, whatever was reached; what was begun is finished and counted
  --or-skip            says so and succeeds where there is no PostgreSQL
  --sabotage NAME      takes a protection out: ${Object.keys(SABOTAGES).join(', ')}
  --prove              takes out one after the other, and fails unless each is seen
  --json FILE          writes the account there too
  --keep               keeps the folder with logs and stores
  --program FILE       the built program (MOSAIC_TEST_PROGRAM, or dist/main.js)
`;

/** A mistake in the arguments, said in a sentence. */
export class UsageError extends Error {}

/** Null where help was asked for. */
export function readOptions(argv) {
  const { values } = parsed(argv);
  if (values.help) return null;
  const whole = (name, usual, least) => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= least) return value;
    throw new UsageError(`--${name} must be a whole number from ${least}, not ${values[name]}`);
  };
  const store = values.store ?? 'embedded';
  if (!['embedded', 'postgres'].includes(store)) throw new UsageError(`--store must be embedded or postgres`);
  if (values.sabotage !== undefined && !(values.sabotage in SABOTAGES)) {
    throw new UsageError(`--sabotage must be one of ${Object.keys(SABOTAGES).join(', ')}`);
  }
  const replicas = whole('replicas', store === 'postgres' ? 3 : 1, 1);
  const databaseKills = whole('database-kills', 0, 0);
  if (store === 'embedded' && replicas > 1) throw new UsageError('The embedded store has one coordinator');
  if (store === 'embedded' && databaseKills > 0) throw new UsageError('Only PostgreSQL can be killed by itself');
  const deliveries = whole('deliveries', 1_000, 1);
  return {
    kills: whole('kills', 10, 0),
    databaseKills,
    deliveries,
    issues: whole('issues', Math.max(12, Math.round(deliveries / 50)), 1),
    store,
    replicas,
    seed: whole('seed', Math.floor(Math.random() * 2 ** 31), 0),
    minutes: whole('minutes', 30, 1),
    seconds: values.seconds === undefined ? null : whole('seconds', 0, 1),
    orSkip: values['or-skip'] ?? false,
    pauses: values.pauses === undefined ? null : whole('pauses', 0, 0),
    workMs: whole('work-ms', 250, 0),
    longShare: whole('long-percent', 5, 0) / 100,
    aim: values.aim === undefined ? null : new RegExp(values.aim),
    sabotage: values.sabotage ?? null,
    prove: values.prove ?? false,
    json: values.json === undefined ? null : resolve(values.json),
    keep: values.keep ?? false,
    program: resolve(values.program ?? process.env['MOSAIC_TEST_PROGRAM'] ?? 'dist/main.js'),
  };
}

function parsed(argv) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const names = [
    'kills',
    'database-kills',
    'deliveries',
    'issues',
    'store',
    'replicas',
    'seed',
    'minutes',
    'pauses',
    'work-ms',
    'long-percent',
    'seconds',
  ];
  const options = Object.fromEntries([...names, 'sabotage', 'json', 'program', 'aim'].map((name) => [name, text]));
  try {
    return parseArgs({
      args: argv,
      options: { ...options, help: flag, prove: flag, keep: flag, 'or-skip': flag },
      strict: true,
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}
