// How soon work goes on after the service was killed in the middle of an agent's turn: from the start of the process to
// the first request of the resumed agent at its model. Goal: p99 under 5 s.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';

const dist = resolve(process.argv[2] ?? 'dist');
const KILLS = Number(process.argv[3] ?? 20);
const GOAL_MS = 5_000;

const { FakeGitea, ScriptedModelServer } = await import(pathToFileURL(join(dist, 'testing/index.js')).href);

const BODY = `## Objective
Make the answer right, in the one file that has something to do with it.
## Context Estimate
- Total estimated: 20,000 tokens
## Difficulty
easy
## Acceptance Criteria
- [ ] the answer is right
`;

/** Called when the agent asks its model, which never answers: the turn is under way until the service is killed. */
let asked = () => undefined;
const thinks = {
  name: 'thinks',
  when: () => true,
  reply: () => {
    asked();
    return new Promise(() => undefined);
  },
};
const secret = () => randomBytes(16).toString('hex');
const folder = mkdtempSync(join(tmpdir(), 'mosaic-restart-'));
const apiKey = secret();
const webhookSecret = secret();
const gitea = await FakeGitea.start({ users: ['ada', 'mosaic'] });
const model = new ScriptedModelServer({ apiKey, rules: [thinks] });
const environment = {
  PATH: process.env.PATH,
  ...(process.env.ALLOW_UNSANDBOXED_AGENT && { ALLOW_UNSANDBOXED_AGENT: process.env.ALLOW_UNSANDBOXED_AGENT }),
  GITEA_WEBHOOK_SECRET: webhookSecret,
  GITEA_URL: gitea.url,
  GITEA_TOKEN: gitea.createToken('mosaic'),
  GITEA_BOT_NAME: 'mosaic',
  ANTHROPIC_API_KEY: apiKey,
  ANTHROPIC_BASE_URL: await model.start(),
  DATA_FOLDER: join(folder, 'data'),
  // Being killed so often in a row is what hands a job to a person.
  MAX_FAILURES: String(KILLS + 2),
  HOST: '127.0.0.1',
  PORT: '0',
};

/** Starts the service. Its moments are milliseconds from its start: `line` of a log message, `asking` of the agent. */
function start() {
  const began = performance.now();
  const waiting = new Map();
  const asking = new Promise((done) => {
    asked = () => done(performance.now() - began);
  });
  const child = spawn(process.execPath, [join(dist, 'main.js')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = (message) => new Promise((done) => waiting.set(message, done));
  createInterface({ input: child.stdout }).on('line', (text) => {
    const { message, ...fields } = JSON.parse(text);
    waiting.get(message)?.({ ms: performance.now() - began, ...fields });
  });
  const ended = new Promise((done) => child.on('close', done));
  const failed = ended.then((code) => {
    if (code !== null) throw new Error(`The service ended with ${code}`);
  });
  return { line, asking: Promise.race([asking, failed]), ended, kill: () => child.kill('SIGKILL') };
}

async function kill(service) {
  service.kill();
  await service.ended;
}

function show(name, samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share) => ((sorted[Math.ceil(sorted.length * share) - 1] ?? NaN) / 1000).toFixed(2);
  return `${name.padEnd(22)} median ${at(0.5)} s, p95 ${at(0.95)} s, p99 ${at(0.99)} s, slowest ${at(1)} s`;
}

try {
  const owner = 'acme';
  await gitea.createRepository({
    owner,
    name: 'tools',
    files: { 'README.md': '# tools\n' },
    collaborators: { mosaic: 'write', ada: 'admin' },
  });
  const issue = gitea.openIssue({ owner, repo: 'tools' }, { title: 'Make it right', body: BODY }, { by: 'ada' });
  gitea.assign(issue, ['mosaic'], { by: 'ada' });

  let service = start();
  await service.asking;
  const ready = [];
  const resumed = [];
  const progress = [];
  for (let kills = 0; kills < KILLS; kills += 1) {
    await kill(service);
    service = start();
    const [listening, run, ms] = await Promise.all([
      service.line('Service is ready'),
      service.line('Run started'),
      service.asking,
    ]);
    if (run.isContinuation !== true) throw new Error('The run began anew');
    ready.push(listening.ms);
    resumed.push(run.ms);
    progress.push(ms);
  }
  await kill(service);

  console.log(`killed ${KILLS} times in the middle of a turn; from the start of the process to:`);
  console.log(show('  listening', ready));
  console.log(show('  session resumed', resumed));
  console.log(`${show('  first progress', progress)}   (goal: p99 under ${GOAL_MS / 1000} s)`);
} finally {
  await Promise.all([gitea.close(), model.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
