// What the service costs when there is nothing to do: seconds to ready, share of one processor, memory.
// Goals: ready within 2 s, under 0.5 % of a processor, under 150 MB.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { processorSeconds, residentMegabytes } from './process-figures.mjs';

const dist = process.argv[2] ?? 'dist';
const STARTS = 5;
const IDLE_SECONDS = 60;

const folder = mkdtempSync(join(tmpdir(), 'mosaic-idle-'));

/** Starts the service and resolves when it listens. */
async function start() {
  const began = performance.now();
  const child = spawn(process.execPath, [join(dist, 'main.js')], {
    env: {
      PATH: process.env.PATH,
      GITEA_WEBHOOK_SECRET: 'only-for-the-benchmark',
      GITEA_URL: 'http://127.0.0.1:1',
      ANTHROPIC_API_KEY: 'only-for-the-benchmark',
      DATA_FOLDER: join(folder, 'data'),
      ALLOW_UNSANDBOXED_AGENT: 'true',
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"Service is ready"')) break;
  }
  child.stdout.resume();
  return { child, readyMs: performance.now() - began };
}

async function stop(child) {
  const closed = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

try {
  const readyMs = [];
  for (let run = 0; run < STARTS; run += 1) {
    const { child, readyMs: ms } = await start();
    readyMs.push(ms);
    await stop(child);
  }
  readyMs.sort((a, b) => a - b);
  console.log(
    `ready after   median ${(readyMs[Math.floor(STARTS / 2)] / 1000).toFixed(2)} s of ${STARTS} starts, ` +
      `slowest ${(readyMs.at(-1) / 1000).toFixed(2)} s   (goal: 2 s)`,
  );

  const { child } = await start();
  console.log(`idle for ${IDLE_SECONDS} s …`);
  await sleep(5_000);
  const before = processorSeconds(child.pid);
  await sleep(IDLE_SECONDS * 1_000);
  const share = (processorSeconds(child.pid) - before) / IDLE_SECONDS;
  console.log(`processor     ${(share * 100).toFixed(2)} % of one   (goal: under 0.5 %)`);
  console.log(`memory        ${residentMegabytes(child.pid).toFixed(0)} MB resident   (goal: under 150 MB)`);
  await stop(child);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
