// Start-up time and memory of each runtime, and what 1, 8 and 50 of its agents at once cost: opened by the package's
// own classes in a process of their own, as in the service, with launcher, sandbox and egress.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { subjects } from './agents-subjects.mjs';
import { HeldModel } from './held-model.mjs';
import { availableMegabytes, median, megabytesBelow, processorSeconds, residentMegabytes } from './process-figures.mjs';

const HOST = fileURLToPath(new URL('agents-host.mjs', import.meta.url));
const STARTS = 5;
const AT_ONCE = [1, 8, 50];
const SETTLE_MS = 3_000;
const WATCH_MS = 10_000;
/** So many times the memory that agents are expected to take must be available. */
const SPARE = 1.5;
/** The share of a processor has its goal in what was promised; these say when something has become worse. */
const GOALS = { addedMs: 500, megabytes: 200 };
const KEY = randomBytes(16).toString('hex');

/** A process that opens agents: agents-host.mjs. Its calls are answered in order. */
function startHost(given) {
  const child = spawn(process.execPath, [HOST, JSON.stringify(given)], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.on('close', done));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('The process that opens agents has ended');
    const told = JSON.parse(value);
    if (told.error !== undefined) throw new Error(told.error);
    return told.value;
  };
  return {
    pid: child.pid,
    ready: next(),
    call: (call, more = {}) => {
      child.stdin.write(`${JSON.stringify({ call, ...more })}\n`);
      return next();
    },
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

const column = (title) => `  ${title.padEnd(20)}`;
const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;

/** Milliseconds until a session is open, until it asks its model, and until its turn is over. */
async function measureOne(host, model) {
  model.hold();
  const { beganAt, openedAt } = await host.call('open', { count: 1, prompt: 'Answer at once.' });
  const { endedAt, failures } = await host.call('turns');
  if (failures.length > 0) throw new Error(`The turn failed: ${failures[0].detail}`);
  await host.call('close');
  return { opened: openedAt[0] - beganAt, asked: model.asked[0] - beganAt, answered: endedAt - beganAt };
}

/** The medians of each host. In turn, so that all see the same noise of the machine. */
async function measureInTurn(hosts, model) {
  const samples = hosts.map(() => []);
  for (let start = 0; start < STARTS; start += 1) {
    for (const [at, host] of hosts.entries()) samples[at].push(await measureOne(host, model));
  }
  const of = (each, name) => median(each.map((sample) => sample[name]));
  return samples.map((each) => ({
    opened: of(each, 'opened'),
    asked: of(each, 'asked'),
    answered: of(each, 'answered'),
  }));
}

/** So many at once, which wait for their model. */
async function measureAtOnce(host, model, count) {
  model.hold();
  try {
    const { beganAt } = await host.call('open', { count, prompt: 'Wait.' });
    const turns = host.call('turns');
    const early = turns.then(({ failures }) => {
      throw new Error(`A turn was over too early: ${failures[0]?.detail ?? 'no reason'}`);
    });
    await Promise.race([model.askedBy(count), early]);
    const lastAskedMs = Math.max(...model.asked) - beganAt;
    await sleep(SETTLE_MS);
    const before = processorSeconds(host.pid);
    const from = performance.now();
    await sleep(WATCH_MS);
    const share = ((processorSeconds(host.pid) - before) * 1_000) / (performance.now() - from);
    const resident = residentMegabytes(host.pid);
    const agents = megabytesBelow(host.pid);
    model.release();
    await turns;
    await host.call('close');
    return { lastAskedMs, share, resident, agents };
  } finally {
    model.release();
  }
}

function tellAtOnce(count, { lastAskedMs, share, resident, agents }) {
  const each = `${(agents.megabytes / count).toFixed(0)} MB an agent in ${agents.processes} processes`;
  console.log(`${column(`${count} at once`)}all ask their model after ${seconds(lastAskedMs)}`);
  console.log(`${column('')}  agents        ${agents.processes === 0 ? 'no process of their own' : each}`);
  console.log(
    `${column('')}  processor     ${(share * 100).toFixed(1)} % of one, the coordinator's   (goal: under 10 %)`,
  );
  console.log(
    `${column('')}  memory        ${resident.toFixed(0)} MB, the coordinator's   (goal: under ${GOALS.megabytes} MB)`,
  );
}

const shown = ({ opened, asked, answered }) =>
  `open after ${seconds(opened)}, asks its model after ${seconds(asked)}, turn over after ${seconds(answered)}`;

async function measureRuntime(subject, sandbox, model, startHere) {
  console.log(subject.name);
  const isProgram = subject.kind !== 'embedded';
  const host = await startHere(sandbox.usable);
  if (isProgram && sandbox.usable) {
    const [plain, confined] = await measureInTurn([await startHere(false), host], model);
    console.log(`${column('unconfined')}${shown(plain)}`);
    console.log(`${column('in the sandbox')}${shown(confined)}`);
    const added = confined.answered - plain.answered;
    console.log(`${column('')}${added} ms more   (goal: at most ${GOALS.addedMs} ms)`);
  } else {
    const [plain] = await measureInTurn([host], model);
    console.log(`${column(isProgram ? 'unconfined' : 'one')}${shown(plain)}`);
    if (isProgram) console.log(`${column('in the sandbox')}skipped: ${sandbox.reason}`);
  }
  let each = 0;
  for (const count of AT_ONCE) {
    const needed = each * count * SPARE;
    if (needed > availableMegabytes()) {
      console.log(`${column(`${count} at once`)}skipped: they would need ${(needed / 1_024).toFixed(0)} GB of memory`);
      continue;
    }
    const figures = await measureAtOnce(host, model, count);
    each = figures.agents.megabytes / count;
    tellAtOnce(count, figures);
  }
}

/** Measures with hosts of this subject, and ends them. */
async function withHosts(dist, { kind, profile: given }, baseUrl, measure) {
  const hosts = [];
  const folder = mkdtempSync(join(tmpdir(), 'mosaic-agents-'));
  const profile = {
    name: 'measured',
    runtime: kind,
    model: 'claude-sonnet-5-5',
    baseUrl,
    apiKey: KEY,
    windowTokens: 200_000,
    maxOutputTokens: 8_192,
    difficultyUpTo: 'hard',
    prices: null,
    isSelfHosted: true,
    maxConcurrent: AT_ONCE.at(-1),
    unusableBecause: null,
    ...given,
  };
  try {
    await measure(async (isSandboxed) => {
      const host = startHost({ dist, folder: join(folder, `${hosts.length}`), kind, isSandboxed, profile });
      hosts.push(host);
      await host.ready;
      return host;
    });
  } finally {
    await Promise.all(hosts.map((host) => host.end()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function lookForSandbox(dist) {
  const load = (path) => import(pathToFileURL(join(dist, path)).href);
  const { ProcessCommandRunner } = await load('command-runner/index.js');
  const { BubblewrapSandbox, probeSandbox } = await load('sandbox/index.js');
  const sandbox = new BubblewrapSandbox();
  const probe = await probeSandbox(new ProcessCommandRunner({ sandbox }), sandbox.bubblewrapPath);
  sandbox.onApplicationShutdown();
  return probe;
}

export async function measureStarts(dist) {
  const model = new HeldModel(await import(pathToFileURL(join(dist, 'testing/index.js')).href), KEY);
  const baseUrl = await model.server.start();
  const sandbox = await lookForSandbox(dist);
  try {
    for (const subject of subjects()) {
      if (subject.missing !== null) {
        console.log(`${subject.name}\n${column('skipped')}${subject.missing}`);
        continue;
      }
      await withHosts(dist, subject, baseUrl, (startHere) => measureRuntime(subject, sandbox, model, startHere));
    }
  } finally {
    await model.server.stop();
  }
}
