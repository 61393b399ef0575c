// The harness that kills coordinators: docs/chaos.md says what it does, and what its figures mean.
import { existsSync, writeFileSync } from 'node:fs';

import { violationsOf } from './account.mjs';
import { ChaosRun } from './chaos-run.mjs';
import { USAGE, UsageError, readOptions } from './options.mjs';
import { SABOTAGES } from './sabotages.mjs';
import { table } from './table.mjs';

const write = (text) => process.stdout.write(text);

function show(line) {
  if (process.stdout.isTTY) write(`\r\x1b[K${line}`);
  else if (Number.parseInt(line, 10) % 30 === 0) write(`${line}\n`);
}

/** Plays one run and prints it. Resolves with whether every promise was kept. */
async function playOne(options) {
  const { store, replicas, kills, deliveries, issues, seed, sabotage } = options;
  write(
    `Chaos: ${store}, ${replicas} coordinator(s), ${kills} kills, ${options.databaseKills} of the database, ` +
      `${deliveries} deliveries, ${issues} issues, seed ${seed}${sabotage === null ? '' : `, without ${sabotage}`}\n`,
  );
  const run = new ChaosRun(options);
  const stop = (signal) => void run.tidy().finally(() => process.kill(process.pid, signal));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  const result = await run.play(show);
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, stop);
  if (process.stdout.isTTY) write('\r\x1b[K');
  write(`${table(result)}\n`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.keep) write(`Kept: ${run.folder}\n`);
  return { isKept: result.isComplete && violationsOf(result).length === 0, result };
}

/** Each protection is taken out once: a harness that does not see that sees nothing. */
async function prove(options) {
  const unseen = [];
  for (const [sabotage, { run: own }] of Object.entries(SABOTAGES)) {
    const { result } = await playOne({ ...options, ...own, sabotage });
    const seen = violationsOf(result);
    write(
      seen.length > 0
        ? `Seen without ${sabotage}: ${seen.map(([what]) => what).join(', ')}\n\n`
        : `NOT SEEN: ${sabotage}\n\n`,
    );
    if (seen.length === 0) unseen.push(sabotage);
  }
  return unseen.length === 0;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (!existsSync(options.program)) throw new UsageError(`There is no ${options.program}: npm run build`);
  const isWell = options.prove ? await prove(options) : (await playOne(options)).isKept;
  process.exitCode = isWell ? 0 : 1;
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${error.stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
