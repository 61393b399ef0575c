// The whole service with many embedded agents at once, each waiting for its model: what they cost the coordinator, and
// whether it still answers. Goals: under 10 % of one processor and /health within 100 ms (p99) with 50 agents.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { processorSeconds, residentMegabytes } from './process-figures.mjs';

const AT_ONCE = [8, 50];
const WATCH_SECONDS = 30;
const ASKS_PER_SECOND = 20;
const SECRET = 'only-for-the-benchmark';
const BODY = `## Context Estimate
- Total estimated: 20,000 tokens
## Difficulty
easy
## Acceptance Criteria
- [ ] it is done
`;

/** Milliseconds of each answer of /health/ready. */
async function askHealth(address, seconds) {
  const answers = [];
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    const began = performance.now();
    const response = await fetch(`${address}/health/ready`);
    await response.arrayBuffer();
    answers.push(performance.now() - began);
    await sleep(1_000 / ASKS_PER_SECOND);
  }
  return answers.sort((a, b) => a - b);
}

async function measure(dist, { FakeGitea, ScriptedModelServer, say }, agents) {
  const folder = mkdtempSync(join(tmpdir(), 'mosaic-agents-'));
  let release = () => undefined;
  const pausedUntil = new Promise((done) => (release = done));
  const model = new ScriptedModelServer({ rules: [{ when: () => true, reply: say('Done.', { pausedUntil }) }] });
  const modelUrl = await model.start();
  const gitea = await FakeGitea.start({ users: ['ada', 'mosaic'] });
  const profiles = join(folder, 'profiles.yml');
  const profile = { name: 'waiting', runtime: 'embedded', model: 'waiting', baseUrl: modelUrl, windowTokens: 200_000 };
  const more = { difficultyUpTo: 'hard', selfHosted: true, prices: { input: 0, output: 0 }, maxConcurrent: agents };
  writeFileSync(profiles, JSON.stringify({ profiles: [{ ...profile, ...more }] }));
  const repository = await gitea.createRepository({
    owner: 'ada',
    name: 'shop',
    files: { 'README.md': 'Hello\n' },
    collaborators: { mosaic: 'write' },
  });
  for (let issue = 0; issue < agents; issue += 1) {
    gitea.openIssue(repository, { title: `Issue ${issue}`, body: BODY, assignees: ['mosaic'] }, { by: 'ada' });
  }
  const began = performance.now();
  const child = spawn(process.execPath, [join(dist, 'main.js')], {
    env: {
      PATH: process.env.PATH,
      GITEA_WEBHOOK_SECRET: SECRET,
      GITEA_URL: gitea.url,
      GITEA_TOKEN: gitea.createToken('mosaic'),
      ANTHROPIC_API_KEY: SECRET,
      ANTHROPIC_BASE_URL: modelUrl,
      AGENT_PROFILES_FILE: profiles,
      DATA_FOLDER: join(folder, 'data'),
      MAX_RUNNING: String(agents),
      MAX_RUNNING_PER_REPOSITORY: String(agents),
      // What is measured is the coordinator: no agent of this benchmark runs a command.
      ALLOW_UNSANDBOXED_AGENT: 'true',
      HOST: '127.0.0.1',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((done) => child.on('close', done));
  try {
    let address = '';
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"Service is ready"')) continue;
      ({ address } = JSON.parse(line));
      break;
    }
    child.stdout.resume();
    const isWaiting = await Promise.race([model.received(agents).then(() => true), closed.then(() => false)]);
    if (!isWaiting) throw new Error('The service has ended');
    const startedSeconds = (performance.now() - began) / 1_000;
    await sleep(3_000);
    const before = processorSeconds(child.pid);
    const answers = await askHealth(address, WATCH_SECONDS);
    const share = (processorSeconds(child.pid) - before) / WATCH_SECONDS;
    const p99 = answers[Math.floor(answers.length * 0.99)];
    console.log(`service, ${agents} embedded agents at once`);
    console.log(`  started in  ${startedSeconds.toFixed(1)} s, its own start and each clone included`);
    console.log(`  processor   ${(share * 100).toFixed(2)} % of one   (goal with 50: under 10 %)`);
    console.log(`  /health     p99 ${p99.toFixed(1)} ms of ${answers.length}   (goal: under 100 ms)`);
    console.log(`  memory      ${residentMegabytes(child.pid).toFixed(0)} MB resident   (goal with 50: under 250 MB)`);
  } finally {
    release();
    child.kill('SIGTERM');
    await closed;
    await model.stop();
    await gitea.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function measureWaiting(dist) {
  const testing = await import(pathToFileURL(join(dist, 'testing/index.js')).href);
  for (const agents of AT_ONCE) await measure(dist, testing, agents);
}
