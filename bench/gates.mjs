// What the coordinator adds to the commands of a repository's gates: from a captured commit to its verdict, beside the
// same commands by hand in a checkout that is ready. Goal: at most 10 % or 1 s more, whichever is more.
//
//   node bench/gates.mjs [folder of the built code] [rounds]
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './process-figures.mjs';

const dist = resolve(process.argv[2] ?? 'dist');
const ROUNDS = Number(process.argv[3] ?? 9);
const GOAL = { share: 0.1, ms: 1_000 };
const FILES = 500;
const TEST_FILES = 12;

const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { ProcessCommandRunner } = await load('command-runner/index.js');
const { FakeGitea } = await load('testing/index.js');
const { GitWorkspaces } = await load('workspaces/index.js');
const { gateSubject } = await load('orchestration/runs/gate-subject.js');
const { QualityGatesService } = await load('quality-gates/index.js');
const { BubblewrapSandbox, NoSandbox, probeSandbox } = await load('sandbox/index.js');

const SCRIPTS = {
  build: 'node --check index.js',
  lint: 'node lint.js',
  test: 'node --test',
  coverage: 'node --test --experimental-test-coverage',
};
const modules = Array.from({ length: FILES }, (_, n) => [`src/part-${n}.js`, `export const part${n} = () => ${n};\n`]);
const tests = Array.from({ length: TEST_FILES }, (_, n) => [
  `test/part-${n}.test.js`,
  `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { part${n} } from '../src/part-${n}.js';
for (let time = 0; time < 50; time += 1) test('part ${n}, time ' + time, () => assert.equal(part${n}(), ${n}));
`,
]);
const files = {
  'package.json': JSON.stringify({ name: 'many-parts', version: '1.0.0', type: 'module', scripts: SCRIPTS }),
  'index.js': 'export { part0 } from "./src/part-0.js";\n',
  'lint.js': `import { readdirSync, readFileSync } from 'node:fs';
const wrong = readdirSync('src').filter((name) => readFileSync('src/' + name, 'utf8').includes('\\t'));
process.exitCode = wrong.length > 0 ? 1 : 0;
`,
  ...Object.fromEntries([...modules, ...tests]),
};

const folder = mkdtempSync(join(tmpdir(), 'mosaic-gates-bench-'));
const gitea = await FakeGitea.start({ users: ['ada', 'mosaic'] });
const sandbox = new BubblewrapSandbox();
const probing = new ProcessCommandRunner({ sandbox });
const probe = await probeSandbox(probing, sandbox.bubblewrapPath);
const runner = probe.usable ? probing : new ProcessCommandRunner({ sandbox: new NoSandbox() });
try {
  await gitea.createRepository({ owner: 'ada', name: 'parts', files, collaborators: { mosaic: 'write' } });
  const workspaces = new GitWorkspaces({
    root: join(folder, 'workspaces'),
    giteaUrl: gitea.url,
    token: gitea.createToken('mosaic'),
    botName: 'mosaic',
  });
  const gates = QualityGatesService.alone({ commandRunner: runner });
  const issue = { owner: 'ada', repo: 'parts', number: 1 };
  const workspace = await workspaces.prepare({ issue, title: 'Parts', baseBranch: null, baseCommit: null });
  const ready = await workspaces.checkout(workspace, workspace.baseCommit);

  const byHand = () => {
    const env = {
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: folder,
      CI: 'true',
    };
    for (const name of Object.keys(SCRIPTS)) {
      const { status } = spawnSync('npm', ['run', name], { cwd: ready.directory, env, stdio: 'ignore' });
      if (status !== 0) throw new Error(`npm run ${name} ended with ${status}`);
    }
  };
  let commands = 0;
  const byCoordinator = async () => {
    writeFileSync(join(workspace.directory, 'README.md'), randomBytes(8).toString('hex'));
    const work = await workspaces.capture(workspace, 'Another round');
    const checkout = await workspaces.checkout(workspace, work.commit);
    const verdict = await gates.judge(await gateSubject(workspaces, workspace, work, checkout));
    await checkout.remove();
    if (!verdict.passed) throw new Error(verdict.summary);
    commands = verdict.results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  };

  const took = { hand: [], coordinator: [], around: [] };
  // The first round is of what was never run before, and measures the base commit.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const began = performance.now();
    byHand();
    const between = performance.now();
    await byCoordinator();
    const ended = performance.now();
    if (round === 0) continue;
    took.hand.push(between - began);
    took.coordinator.push(ended - between);
    took.around.push(ended - between - commands);
  }
  await ready.remove();
  const [hand, coordinator, around] = [took.hand, took.coordinator, took.around].map(median);
  const added = coordinator - hand;
  const allowed = Math.max(hand * GOAL.share, GOAL.ms);
  const where = probe.usable ? `in bubblewrap ${probe.version}` : `without a sandbox: ${probe.reason}`;
  console.log(
    `gates of a package with ${Object.keys(files).length} files, ${TEST_FILES * 50} tests (${where}, load ${loadavg()[0].toFixed(1)}, median of ${ROUNDS} rounds)`,
  );
  console.log(`  by hand             ${hand.toFixed(0)} ms: npm run ${Object.keys(SCRIPTS).join(', ')}`);
  console.log(`  by the coordinator  ${coordinator.toFixed(0)} ms, ${around.toFixed(0)} ms of it around the commands`);
  console.log(
    `  added               ${added.toFixed(0)} ms, ${((added / hand) * 100).toFixed(1)} %   (goal: at most ${allowed.toFixed(0)} ms, 10 % or 1 s)`,
  );
} finally {
  await probing.onApplicationShutdown();
  await runner.onApplicationShutdown();
  sandbox.onApplicationShutdown();
  await gitea.close();
  rmSync(folder, { recursive: true, force: true });
}
