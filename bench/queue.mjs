// The queue on the embedded store and on PostgreSQL: deliveries and claims a second, from a delivery to the start of its
// run, and from a start to ready with 100,000 stored jobs; each beside bare inserts and updates on the same database.
//
//   node bench/queue.mjs [folder of the built code] [share of the repetitions, such as 0.2 to look whether it works]
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPostgres } from '../test/support/postgres-programs.mjs';
import { measureClaims } from './queue-claims.mjs';
import { measureDeliveries } from './queue-deliveries.mjs';
import { grouped, load, median, quantile, spread, table } from './queue-figures.mjs';
import { measureLatency } from './queue-latency.mjs';
import { Postgres } from './queue-postgres.mjs';
import { measureRestart } from './queue-restart.mjs';
import { Surroundings } from './queue-service.mjs';

const dist = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const share = Number(process.argv[3] ?? 1);
if (!(share > 0)) throw new Error(`Expected a share above 0, got ${process.argv[3]}`);
const times = (count) => Math.max(3, Math.round(count * share));

const STORED_JOBS = 100_000;
const START_GOAL_MS = 50;
const READY_GOAL_MS = 3_000;
/** An embedded database is one process's, which locks its folder: a second replica does not start on it. */
const REPLICAS = { embedded: [1], postgres: [1, 3, 8] };
const RECEIVERS = { embedded: [1], postgres: [1, 3] };

const rows = [];
const says = (text) => console.log(`${new Date().toISOString().slice(11, 19)}  load ${load()}  ${text}`);
const goal = (isMet, text) => `${text}: ${isMet ? 'met' : 'MISSED'}`;

function rateRow(store, what, { service, bare }, bareName) {
  rows.push([
    store,
    what,
    `${spread(service)} /s`,
    `${spread(bare)} ${bareName}/s`,
    (median(service) / median(bare)).toFixed(2),
    '',
  ]);
}

function show(milliseconds) {
  return `p50 ${grouped(quantile(milliseconds, 0.5), 1)} ms, p99 ${grouped(quantile(milliseconds, 0.99), 1)} ms`;
}

async function measureStore(store, { folder, around, newDatabase }) {
  const at = (name) => join(folder, `${store}-${name}`);
  says(`${store}: deliveries`);
  const stored = await measureDeliveries({
    dist,
    dataFolder: at('deliveries'),
    databaseUrl: await newDatabase(),
    rounds: times(7),
    roundMs: 2_000,
  });
  const single = median(stored.singleMs);
  const beside = `${single.toFixed(2)} ms for a bare insert and update`;
  rateRow(store, `Deliveries accepted, ${stored.atOnce} at once`, stored, 'inserts');

  for (const replicas of REPLICAS[store]) {
    says(`${store}: claims by ${replicas}`);
    const claims = await measureClaims({
      dist,
      folder: at('claims'),
      databaseUrl: await newDatabase(),
      replicas,
      rounds: times(15),
    });
    rateRow(store, `Claims by ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`, claims, 'updates');
  }

  for (const replicas of RECEIVERS[store]) {
    says(`${store}: from a delivery to its run, ${replicas} replica(s)`);
    const latency = await measureLatency({
      dist,
      around,
      folder: at('latency'),
      databaseUrl: await newDatabase(),
      replicas,
      samples: times(100),
    });
    const p50 = median(latency.started);
    const who = replicas === 1 ? '' : `, one of ${replicas} that does not lead receives`;
    const ratio = (values) => (median(values) / single).toFixed(1);
    rows.push([store, `Delivery to answer${who}`, show(latency.accepted), beside, ratio(latency.accepted), '']);
    rows.push([
      store,
      `Delivery to start of its run${who}`,
      show(latency.started),
      beside,
      ratio(latency.started),
      goal(p50 < START_GOAL_MS, `p50 under ${START_GOAL_MS} ms`),
    ]);
    rows.push([
      store,
      `Delivery to the agent's first request${who}`,
      show(latency.asked),
      beside,
      ratio(latency.asked),
      '',
    ]);
    if (p50 >= START_GOAL_MS) process.exitCode = 1;
  }

  says(`${store}: restart with ${grouped(STORED_JOBS)} stored jobs`);
  const restart = await measureRestart({
    dist,
    around,
    folder: at('restart'),
    databaseUrls: { none: await newDatabase(), stored: await newDatabase() },
    jobs: STORED_JOBS,
    starts: times(9),
  });
  const ready = median(restart.stored);
  rows.push([
    store,
    `Start to ready with ${grouped(STORED_JOBS)} jobs`,
    `${spread(restart.stored)} ms`,
    `${spread(restart.none)} ms with none; ${beside}`,
    `${(ready / median(restart.none)).toFixed(2)}; ${grouped(ready / single)}`,
    goal(ready < READY_GOAL_MS, `under ${READY_GOAL_MS / 1_000} s`),
  ]);
  if (ready >= READY_GOAL_MS) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'mosaic-bench-queue-'));
const programs = findPostgres();
const around = await Surroundings.start(dist);
let postgres = null;
try {
  await measureStore('embedded', { folder, around, newDatabase: async () => null });
  if (programs === null) console.log('PostgreSQL is skipped: neither PATH nor Debian has initdb and postgres');
  else {
    postgres = await Postgres.start(programs);
    await measureStore('postgres', { folder, around, newDatabase: () => postgres.createDatabase() });
  }
  says('done');
  const server = postgres === null ? 'no PostgreSQL' : `PostgreSQL ${postgres.version}, fsync on`;
  console.log(
    `\nNode ${process.versions.node}, ${server}, ${availableParallelism()} CPUs shared with Gitea and the model`,
  );
  console.log('Rates and starts: median (lowest to highest) of the rounds.\n');
  console.log(table(['Store', 'What', 'Seen', 'Floor', 'Ratio', 'Goal'], rows));
} finally {
  await postgres?.close();
  await around.close();
  rmSync(folder, { recursive: true, force: true });
}
