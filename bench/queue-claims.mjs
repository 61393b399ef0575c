import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeJobs } from './stored-jobs.mjs';

const CLAIMER = fileURLToPath(new URL('./queue-claimer.mjs', import.meta.url));
const STORED_JOBS = 10_000;
/** In one round, by all replicas together. Not more, as so many jobs run then, which no installation has. */
const CLAIMS = 160;

/**
 * How many jobs a second so many replicas claim together, of 10,000 stored ones, and how many bare updates a second as
 * many processes make, each of a row of its own. Each replica is a process; one claims as soon as it has claimed.
 */
export async function measureClaims({ dist, folder, databaseUrl, replicas, rounds }) {
  const { openDatabase } = await import(`${dist}/persistence/index.js`);
  const folderOf = (name) => {
    const dataFolder = join(folder, `claims-${replicas}-${name}`);
    mkdirSync(dataFolder, { recursive: true });
    return dataFolder;
  };
  // An embedded database is one process's: who fills it leaves before the replica comes, and comes back after it.
  const own = folderOf(databaseUrl === null ? 0 : 'own');
  const filling = await openDatabase({ dataFolder: own, databaseUrl });
  await storeJobs(filling, STORED_JOBS, dist);
  await filling.close();

  const claimers = await Promise.all(
    Array.from({ length: replicas }, (_, at) => startClaimer([dist, folderOf(at), databaseUrl ?? ''])),
  );
  const each = Math.ceil(CLAIMS / replicas);
  const runAll = async (claimers, kind) => {
    const answers = await ask(claimers, { kind, count: each });
    const began = Math.min(...answers.map((answer) => answer.began));
    const ended = Math.max(...answers.map((answer) => answer.ended));
    return (each * replicas * 1_000) / (ended - began);
  };
  const rates = { service: [], bare: [] };
  try {
    for (let round = -1; round < rounds; round += 1) {
      const bare = await runAll(claimers, 'bare');
      const service = await runAll(claimers, 'claim');
      const [{ changed }] = await ask([claimers[0]], { kind: 'giveBack' });
      if (changed !== each * replicas) throw new Error(`${each * replicas} claims, and ${changed} jobs run`);
      // The first round compiles the code.
      if (round < 0) continue;
      rates.bare.push(bare);
      rates.service.push(service);
    }
  } finally {
    await Promise.all(claimers.map(stopClaimer));
  }
  return rates;
}

/** Resolves with what all of them answered. */
function ask(claimers, request) {
  return Promise.all(
    claimers.map(async (claimer) => {
      const answered = nextOf(claimer);
      claimer.send(request);
      return answered;
    }),
  );
}

async function startClaimer(argv) {
  const claimer = fork(CLAIMER, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await nextOf(claimer);
  return claimer;
}

/** Resolves with what it says next, and rejects when it ends instead. */
function nextOf(claimer) {
  return new Promise((resolve, reject) => {
    const end = (code) => reject(new Error(`A replica ended with ${code}`));
    claimer.once('exit', end);
    claimer.once('message', (answer) => {
      claimer.off('exit', end);
      resolve(answer);
    });
  });
}

async function stopClaimer(claimer) {
  if (claimer.exitCode !== null || claimer.signalCode !== null) return;
  const ended = once(claimer, 'exit');
  claimer.disconnect();
  await ended;
}
