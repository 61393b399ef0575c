// Many embedded agents at once, each waiting for its model: what they cost the coordinator, and whether it still answers.
// Goals: under 10 % of one processor and /health within 100 ms (p99) with 50 agents.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const dist = resolve(process.argv[2] ?? 'dist');
const { FakeGitea, ScriptedModelServer, say } = await import(pathToFileURL(join(dist, 'testing/index.js')).href);

const WATCH_SECONDS = 30;
const ASKS_PER_SECOND = 20;
/** Clock ticks a second in /proc/<pid>/stat: USER_HZ, 100 on every Linux this runs on. */
const TICKS_PER_SECOND = 100;
const SECRET = 'only-for-the-benchmark';
const BODY = `## Context Estimate
- Total estimated: 20,000 tokens
## Difficulty
easy
## Acceptance Criteria
- [ ] it is done
`;

const processorSeconds = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
const residentMegabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

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

async function measure(agents) {
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
  try {
    let address = '';
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"Service is ready"')) continue;
      ({ address } = JSON.parse(line));
      break;
    }
    child.stdout.resume();
    const alone = residentMegabytes(child.pid);
    await model.received(agents);
    console.log(`${agents} agents wait for their model after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    await sleep(3_000);
    const before = processorSeconds(child.pid);
    const answers = await askHealth(address, WATCH_SECONDS);
    const share = (processorSeconds(child.pid) - before) / WATCH_SECONDS;
    const p99 = answers[Math.floor(answers.length * 0.99)];
    const grown = residentMegabytes(child.pid) - alone;
    console.log(`  processor   ${(share * 100).toFixed(2)} % of one   (goal with 50: under 10 %)`);
    console.log(`  /health     p99 ${p99.toFixed(1)} ms of ${answers.length}   (goal: under 100 ms)`);
    console.log(
      `  memory      ${grown.toFixed(0)} MB more than at its start, ${(grown / agents).toFixed(1)} MB an agent`,
    );
  } finally {
    release();
    const closed = new Promise((done) => child.on('close', done));
    child.kill('SIGTERM');
    await closed;
    await model.stop();
    await gitea.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const agents of [8, 50]) await measure(agents);
