import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { openBare, timeBare } from './queue-bare.mjs';

const AT_ONCE = 16;
/** About what is kept of an issue with a text of some length. */
const BODY = 'All work and no play. '.repeat(180);

/**
 * How many deliveries a second are stored durably, so many at once, by the log that the webhook writes to; and how many
 * rows of the same size bare inserts store, as many at once, each with a commit of its own. In turns, so that what else
 * the machine does hits both alike.
 */
export async function measureDeliveries({ dist, dataFolder, databaseUrl, rounds, roundMs }) {
  const { openDatabase, SqlDeliveryLog } = await import(`${dist}/persistence/index.js`);
  mkdirSync(dataFolder, { recursive: true });
  const database = await openDatabase({ dataFolder, databaseUrl });
  const bare = await openBare({ dataFolder, databaseUrl });
  const log = new SqlDeliveryLog(database);
  const content = JSON.stringify(deliveryOf('').issue);
  const store = async () => {
    const outcome = await log.record(deliveryOf(randomUUID()));
    if (outcome !== 'accepted') throw new Error(`A delivery was ${outcome}`);
  };
  const insert = () => bare.insert(randomUUID(), content);
  const rates = { service: [], bare: [] };
  let accepted = 0;
  try {
    for (let round = -1; round < rounds; round += 1) {
      const inserted = await repeat(insert, roundMs);
      const stored = await repeat(store, roundMs);
      accepted += stored.count;
      // The first round compiles the code.
      if (round < 0) continue;
      rates.bare.push(inserted.rate);
      rates.service.push(stored.rate);
    }
    const { kept } = await database.queries
      .selectFrom('deliveries')
      .select(({ fn }) => fn.countAll().as('kept'))
      .executeTakeFirstOrThrow();
    if (Number(kept) !== accepted) throw new Error(`${accepted} deliveries were accepted and ${kept} are stored`);
    return { atOnce: AT_ONCE, ...rates, singleMs: await timeBare(bare, 200) };
  } finally {
    await bare.close();
    await database.close();
  }
}

async function repeat(work, forMs) {
  const began = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (performance.now() - began < forMs) {
        await work();
        count += 1;
      }
    }),
  );
  return { count, rate: (count * 1_000) / (performance.now() - began) };
}

function deliveryOf(id) {
  return {
    id,
    kind: 'issue_assign',
    action: 'assigned',
    issue: {
      ref: { owner: 'acme', repo: 'tools', number: 1 },
      title: 'Make it right',
      body: BODY,
      state: 'open',
      assignees: ['mosaic'],
      labels: [],
      updatedAt: '2026-01-01T00:00:00Z',
      defaultBranch: 'main',
    },
    sender: 'ada',
    receivedAt: Date.now(),
  };
}
