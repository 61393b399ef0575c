// The harness that kills coordinators: docs/chaos.md says what it does, and what its figures mean.
import { existsSync, writeFileSync } from 'node:fs';

import { findPostgres } from '../support/postgres-programs.mjs';
import { violationsOf } from './account.mjs';
import { ChaosRun } from './chaos-run.mjs';
import { USAGE, UsageError, readOptions } from './options.mjs';
import { SABOTAGES, missedBySabotages } from './sabotages.mjs';
import { table } from './table.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM'];

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
  let tidying = null;
  const deafen = () => SIGNALS.forEach((signal) => process.removeListener(signal, stop));
  // Whoever is told twice goes on tidying up.
  const stop = (signal) => {
    tidying ??= run.tidy().finally(() => {
      deafen();
      process.kill(process.pid, signal);
    });
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const result = await run.play(show);
  deafen();
  if (process.stdout.isTTY) write('\r\x1b[K');
  write(`${table(result)}\n`);
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
  if (options.keep) write(`Kept: ${run.folder}\n`);
  return { isKept: result.isComplete && violationsOf(result).length === 0, result };
}

/**
 * Each protection is taken out once: a harness that does not see that sees nothing. The same run with everything in its
 * place must pass, or what it saw was something else.
 */
async function prove(options) {
  const verdicts = [];
  for (const [sabotage, { run: own }] of Object.entries(SABOTAGES)) {
    if (own.store === 'postgres' && findPostgres() === null) {
      verdicts.push({ sabotage, isProved: true, says: 'not tried: there is no PostgreSQL here' });
      continue;
    }
    const run = { ...options, ...own };
    const without = await playOne({ ...run, sabotage });
    const intact = await playOne({ ...run, sabotage: null });
    const seen = violationsOf(without.result).map(([what]) => what);
    const says = [
      seen.length > 0 ? `seen: ${seen.join(', ')}` : 'NOT SEEN',
      ...(intact.isKept ? [] : ['but the run with it in its place FAILED too']),
    ].join('; ');
    verdicts.push({ sabotage, isProved: seen.length > 0 && intact.isKept, says });
    write('\n');
  }
  for (const { sabotage, says } of verdicts) write(`without ${sabotage}: ${says}\n`);
  return verdicts.every(({ isProved }) => isProved);
}

/** What the arguments ask for. Resolves with whether all is well. */
async function main(options) {
  if (options === null) {
    write(USAGE);
    return true;
  }
  if (!existsSync(options.program)) throw new UsageError(`There is no ${options.program}: npm run build`);
  // A protection that looks different now could not be taken out any more: that is to be known at once.
  const missed = missedBySabotages(options.program);
  if (missed.length > 0) throw new Error(missed.join('\n'));
  if (options.prove) return prove(options);
  if (options.orSkip && options.store === 'postgres' && findPostgres() === null) {
    write('Skipped: neither PATH nor Debian has initdb and postgres\n');
    return true;
  }
  return (await playOne(options)).isKept;
}

try {
  process.exitCode = (await main(readOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${error.stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
