// What one claim costs with 100, 10,000 and 100,000 stored jobs, and what share of it is the disk.
// Run by `npm run bench:claim`. Fails when the largest costs more than GOAL times the smallest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlJobStore, openDatabase } from '../dist/persistence/index.js';
// Not what the package exports, but the only other way to 100,000 jobs is to put each of them.
import { toBlockerRow, toJobRow } from '../dist/persistence/job-row.js';

const SIZES = [100, 10_000, 100_000];
const CLAIMS = 400;
const WARM_UP = 50;
const REPOSITORIES = 50;
const PROFILES = ['opus', 'sonnet', 'haiku', 'glm', 'minimax'];
const GOAL = 3;
const LIMITS = { global: 20, perRepository: 3, perProfile: { opus: 3, sonnet: 5 } };

/** Numbers from 0 to 1 that repeat. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random graph: one job in two is blocked by up to three others of lower number, some of them finished. */
function* jobs(size, now) {
  const random = seeded(size);
  const pick = (count) => Math.floor(random() * count);
  const refOf = (number) => ({ owner: 'acme', repo: `repo-${(number * 7) % REPOSITORIES}`, number });
  for (let number = 1; number <= size; number += 1) {
    const issue = refOf(number);
    const isBlocked = number > 10 && random() < 0.5;
    const blockers = new Map();
    for (let count = isBlocked ? 1 + pick(3) : 0; count > 0; count -= 1) {
      const blocker = 1 + pick(number - 1);
      blockers.set(blocker, { issue: refOf(blocker), isFinished: random() < 0.3 });
    }
    const unfinished = [...blockers.values()].some(({ isFinished }) => !isFinished);
    yield {
      id: `acme/${issue.repo}#${number}`,
      issue,
      title: `Issue ${number} of a benchmark`,
      profile: PROFILES[pick(PROFILES.length)],
      priority: pick(4),
      blockers: [...blockers.values()],
      details: { text: 'x'.repeat(300) },
      state: unfinished ? 'pending' : 'available',
      reason: 'Assigned',
      fencingToken: 0,
      lease: null,
      notBefore: null,
      failures: 0,
      createdAt: now,
      updatedAt: now,
    };
  }
}

/** Writes the rows that putting each job would leave, in one transaction. */
async function fill(database, size) {
  await database.queries.transaction().execute(async (transaction) => {
    const insert = async (table, rows) => {
      while (rows.length > 0) await transaction.insertInto(table).values(rows.splice(0, 500)).execute();
    };
    const all = [...jobs(size, database.clock.now())];
    await insert('jobs', all.map(toJobRow));
    await insert(
      'job_blockers',
      all.flatMap((job) => job.blockers.map((blocker) => toBlockerRow(job.id, blocker))),
    );
  });
}

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
    await fill(filled, size);
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
