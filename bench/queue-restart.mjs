import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Service } from './queue-service.mjs';
import { storeJobs } from './stored-jobs.mjs';

/**
 * Milliseconds from the start of a service's process until it answers that it is ready, with so many stored jobs, and with
 * none. It is killed each time. Of the stored ones half wait for others, and nobody works on the rest.
 */
export async function measureRestart({ dist, around, folder, databaseUrls, jobs, starts }) {
  const scenes = {};
  for (const [name, size] of Object.entries({ none: 0, stored: jobs })) {
    const dataFolder = join(folder, `restart-${name}`);
    mkdirSync(dataFolder, { recursive: true });
    const databaseUrl = databaseUrls[name];
    if (size > 0) {
      const { openDatabase } = await import(`${dist}/persistence/index.js`);
      const database = await openDatabase({ dataFolder, databaseUrl });
      await storeJobs(database, size, dist);
      await database.close();
    }
    scenes[name] = { dataFolder, databaseUrl, times: [] };
  }
  for (let start = -1; start < starts; start += 1) {
    for (const { times, ...where } of Object.values(scenes)) {
      const ms = await startOnce({ dist, environment: around.environment, ...where });
      // The first makes the schema, and the system reads the program.
      if (start >= 0) times.push(ms);
    }
  }
  return { none: scenes.none.times, stored: scenes.stored.times };
}

async function startOnce(given) {
  const service = await Service.start(given);
  for (;;) {
    const { status } = await service.ask('/health/ready');
    if (status === 200) break;
    await sleep(5);
  }
  const ms = performance.now() - service.began;
  // As a power cut does: what it had begun is found again by the next.
  await sleep(500);
  await service.end('SIGKILL');
  return ms;
}
