// What the sandbox adds to one command: as the service itself would run it, in bubblewrap, and in bubblewrap with the
// bridge to a way out. In turn, so that all three see the same noise of the machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './process-figures.mjs';

const ROUNDS = 40;
const GOALS_MS = { sandboxed: 50, bridged: 250 };

export async function measureSandbox(dist) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const { ProcessCommandRunner } = await load('command-runner/index.js');
  const { EgressProxy } = await load('egress/egress-proxy.js');
  const { resolveEgressOptions } = await load('egress/egress.options.js');
  const { networkBridgeFiles } = await load('egress/index.js');
  const { BubblewrapSandbox, probeSandbox } = await load('sandbox/index.js');

  const sandbox = new BubblewrapSandbox({ bridgeFiles: networkBridgeFiles() });
  const runner = new ProcessCommandRunner({ sandbox });
  const egress = new EgressProxy(resolveEgressOptions({}));
  const workspace = mkdtempSync(join(tmpdir(), 'mosaic-sandbox-'));
  try {
    const probe = await probeSandbox(runner, sandbox.bubblewrapPath);
    if (!probe.usable) return console.log(`sandbox, by command   skipped: ${probe.reason}`);
    const { socket } = await egress.open({ model: null });
    const confinement = { writable: [workspace] };
    const ways = {
      plain: {},
      sandboxed: { confinement },
      bridged: { confinement: { ...confinement, network: { socket, environment: { HTTPS_PROXY: '{address}' } } } },
    };
    const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    const took = { plain: [], sandboxed: [], bridged: [] };
    // The first round is of what was never run before.
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [way, more] of Object.entries(ways)) {
        const began = performance.now();
        const result = await runner.run({ argv: ['true'], cwd: workspace, env, timeoutMs: 60_000, ...more });
        if (result.exitCode !== 0) throw new Error(`${way}: ${result.reason ?? result.stderr.text}`);
        if (round > 0) took[way].push(performance.now() - began);
      }
    }
    const plain = median(took.plain);
    console.log(`sandbox, by command   (bubblewrap ${probe.version}, median of ${ROUNDS} runs of "true")`);
    console.log(`  as the service      ${plain.toFixed(1)} ms`);
    for (const [way, title] of [
      ['sandboxed', 'in the sandbox  '],
      ['bridged', 'with a way out  '],
    ]) {
      const ms = median(took[way]);
      const added = `${(ms - plain).toFixed(1)} ms more, ${(ms / plain).toFixed(1)} times`;
      console.log(`  ${title}    ${ms.toFixed(1)} ms: ${added}   (goal: at most ${GOALS_MS[way]} ms more)`);
    }
  } finally {
    await runner.onApplicationShutdown();
    await egress.close();
    sandbox.onApplicationShutdown();
    rmSync(workspace, { recursive: true, force: true });
  }
}
