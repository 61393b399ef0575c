import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What is taken out of the build, by name: `files`, relative to it, with pairs of a text and what stands there instead;
 * and `run`, the options of a short run that must fail for it.
 */
const EMBEDDED = { store: 'embedded', replicas: 1, databaseKills: 0, minutes: 4 };

export const SABOTAGES = {
  'store-before-answer': {
    run: { ...EMBEDDED, kills: 6, deliveries: 300, issues: 8, aim: /commit: insert deliveries/ },
    files: {
      'webhook/webhook.service.js': [
        [
          'const outcome = await this.options.deliveryLog.record(delivery);',
          "const outcome = 'accepted'; void this.options.deliveryLog.record(delivery).catch(() => undefined);",
        ],
      ],
    },
  },
  'tree-kill': {
    run: { ...EMBEDDED, kills: 2, deliveries: 100, issues: 6 },
    files: {
      // The program alone is killed, not what it started.
      'command-runner/started-process.js': [
        [
          'this.ending ??= this.endTree().then(() => this.drain());',
          "this.child.kill('SIGKILL'); this.ending ??= this.drain();",
        ],
      ],
    },
  },
  fencing: {
    // Whoever lost a lease while it stood still goes on with the work, and writes under a token that holds no more.
    run: {
      store: 'postgres',
      replicas: 2,
      minutes: 4,
      kills: 0,
      pauses: 6,
      deliveries: 60,
      issues: 10,
      longShare: 0.6,
    },
    files: {
      'queue/apply-move.js': [
        ['if (fencingToken !== undefined && (job.state', 'if (fencingToken === null && (job.state'],
      ],
      'persistence/sql-run-store.js': [
        ['if (job === undefined)\n                throw new LeaseLostError(jobId, fencingToken);', ''],
      ],
      'orchestration/runs/held-options.js': [
        ['if (!(await queue.renew(job.id, job.fencingToken)))', 'if (job === undefined)'],
        ['if (present?.fencingToken !== fencingToken)', 'if (present === undefined)'],
      ],
      'orchestration/runs/active-runs.js': [
        [
          "if (present?.state === 'running' && present.fencingToken === job.fencingToken)",
          'if (present !== undefined)',
        ],
        ['if (isHeld === false || mayEnd)', 'if (isHeld === undefined)'],
      ],
    },
  },
  'lease-renewal': {
    // Steps outlast the lease: without its renewal no work is ever done.
    run: { ...EMBEDDED, kills: 0, pauses: 0, deliveries: 50, issues: 4, minutes: 2, longShare: 1 },
    files: {
      'orchestration/runs/active-runs.js': [
        ['const answer = queue.renew(id, fencingToken).catch(() => null);', 'const answer = Promise.resolve(true);'],
      ],
    },
  },
};

/** What the sabotages would not find, or find more than once, in a build: one sentence each. */
export function missedBySabotages(program) {
  return Object.entries(SABOTAGES).flatMap(([name, { files }]) =>
    Object.entries(files).flatMap(([file, replace]) => {
      const source = readFileSync(join(dirname(program), file), 'utf8');
      return replace
        .map(([text]) => ({ text, times: source.split(text).length - 1 }))
        .filter(({ times }) => times !== 1)
        .map(({ text, times }) => `The sabotage ${name} finds ${times} times in ${file}: ${text}`);
    }),
  );
}
