// One replica: claims, or updates bare rows, when it is told to, and says from when to when it did.
import { openBare } from './queue-bare.mjs';

const [, , dist, dataFolder, databaseUrl] = process.argv;
const { openDatabase, SqlJobStore } = await import(`${dist}/persistence/index.js`);
const where = { dataFolder, databaseUrl: databaseUrl === '' ? null : databaseUrl };
const database = await openDatabase(where);
const bare = await openBare(where);
const store = new SqlJobStore(database);
const holder = `replica-${process.pid}`;
const limits = { global: 100_000, perRepository: 100_000, perProfile: {} };
await bare.insert(holder, '');

const works = {
  claim: async () => {
    if ((await store.claim({ holder, leaseMs: 600_000, limits })) === undefined) throw new Error('Nothing to claim');
  },
  bare: () => bare.update(holder),
};
// What processes on one machine agree on.
const now = () => performance.timeOrigin + performance.now();

/** Makes every job that runs available again, whoever claimed it: not measured. */
async function giveBack() {
  const { numUpdatedRows } = await database.queries
    .updateTable('jobs')
    .set({ state: 'available', lease_holder: null, lease_ends_at: null })
    .where('state', '=', 'running')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

process.on('message', ({ kind, count }) => {
  void (async () => {
    if (kind === 'giveBack') return process.send({ changed: await giveBack() });
    const began = now();
    for (let done = 0; done < count; done += 1) await works[kind]();
    process.send({ began, ended: now() });
  })();
});
process.once('disconnect', () => void Promise.all([bare.close(), database.close()]));
process.send('ready');
