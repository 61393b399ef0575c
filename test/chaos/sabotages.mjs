/**
 * What is taken out of the build, by name: `files`, relative to it, with pairs of a text and what stands there instead;
 * and `run`, the options of a short run that must fail for it.
 */
export const SABOTAGES = {
  'store-before-answer': {
    run: { kills: 6, deliveries: 300, issues: 12, minutes: 3, aim: /commit: insert deliveries/ },
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
    run: { kills: 2, deliveries: 100, issues: 6, minutes: 3 },
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
  leftovers: {
    run: { kills: 10, deliveries: 200, issues: 12, minutes: 3, workMs: 2_000 },
    files: { 'app.module.js': [['await endLeftovers(ownerId);', '']] },
  },
  'lease-renewal': {
    run: { kills: 0, pauses: 0, deliveries: 50, issues: 4, minutes: 1, workMs: 12_000 },
    files: {
      'orchestration/runs/active-runs.js': [
        ['await queue.renew(job.id, job.fencingToken).catch(() => null);', 'true;'],
      ],
    },
  },
};
