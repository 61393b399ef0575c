// What one claim costs with 100, 10,000 and 100,000 stored jobs, and what share of it is the disk.
// Run by `npm run bench:claim`. Fails when the largest costs more than GOAL times the smallest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SqlJobStore, openDatabase } from '../dist/persistence/index.js';
import { storeJobs } from './stored-jobs.mjs';

const SIZES = [100, 10_000, 100_000];
const CLAIMS = 400;
const WARM_UP = 50;
const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const GOAL = 3;
const LIMITS = { global: 20, perRepository: 3, perProfile: { opus: 3, sonnet: 5 } };

/** One size: claims with about as many jobs running as the limits allow. Each goes back to where it came from. */
class Contender {
  durations = [];
  running = [];

  constructor(size, dataFolder, database) {
    Object.assign(this, { size, dataFolder, database, store: new SqlJobStore(database) });
  }

  static async prepare(size) {
    const dataFolder = mkdtempSync(join(tmpdir(), 'mosaic-bench-'));
    const filled = await openDatabase({ dataFolder });
    await storeJobs(filled, size, DIST);
    await filled.close();
    return new Contender(size, dataFolder, await openDatabase({ dataFolder }));
  }

  async claim() {
    const started = performance.now();
    const job = await this.store.claim({ holder: 'bench', leaseMs: 60_000, limits: LIMITS });
    if (job !== undefined) {
      this.durations.push(performance.now() - started);
      this.running.push(job.id);
    }
    if (job === undefined || this.running.length === LIMITS.global) await this.release(5);
  }

  async release(count) {
    for (const jobId of this.running.splice(0, count)) {
      await this.store.move({ jobId, from: 'running', to: 'available', reason: 'Again' });
    }
  }

  async close() {
    await this.database.close();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}

/** What no claim can be below: a durable write of one row by the same database. */
async function timeWrites(database) {
  const durations = [];
  for (let round = 0; round < 200; round += 1) {
    const started = performance.now();
    await database.assertWritable();
    durations.push(performance.now() - started);
  }
  return durations;
}

function percentile(durations, share) {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const contenders = [];
try {
  for (const size of SIZES) contenders.push(await Contender.prepare(size));
  // In turns, so that what else the machine does hits all sizes alike.
  for (let round = 0; round < WARM_UP + CLAIMS; round += 1) {
    if (round === WARM_UP) for (const contender of contenders) contender.durations = [];
    for (const contender of contenders) await contender.claim();
  }
  const write = percentile(await timeWrites(contenders[0].database), 0.5);

  console.log('   jobs  available  pending  claims   p50 ms   p99 ms');
  for (const { size, store, durations } of contenders) {
    const { available, running, pending } = await store.countByState();
    const columns = [
      String(size).padStart(7),
      String(available + running).padStart(9),
      String(pending).padStart(7),
      String(durations.length).padStart(6),
      percentile(durations, 0.5).toFixed(2).padStart(7),
      percentile(durations, 0.99).toFixed(2).padStart(7),
    ];
    console.log(columns.join('  '));
  }
  const [smallest, largest] = [contenders[0], contenders.at(-1)].map(({ durations }) => percentile(durations, 0.5));
  console.log(
    `A durable write of one row: p50 ${write.toFixed(2)} ms; a claim among ${SIZES.at(-1)}: ${(largest / write).toFixed(1)} times that`,
  );
  console.log(
    `Among ${SIZES.at(-1)} jobs against ${SIZES[0]}: ${(largest / smallest).toFixed(2)} times as long (goal: at most ${GOAL})`,
  );
  process.exitCode = largest / smallest <= GOAL ? 0 : 1;
} finally {
  for (const contender of contenders) await contender.close();
}
