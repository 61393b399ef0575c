import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { ScriptedRuntime, type AgentEvent } from '../src/agents/index.js';
import { ProcessCommandRunner, type Command, type Sandbox } from '../src/command-runner/index.js';
import { CONFIGURATION_PATH, QualityGatesService } from '../src/quality-gates/index.js';
import { BubblewrapSandbox, NoSandbox } from '../src/sandbox/index.js';
import { compileSource } from './support/compiled-source.js';
import { git, startGitWorkspaces, type Bench } from './support/start-git-workspaces.js';
import { PROFILE } from './support/start-orchestration.js';
import { makeTemporaryFolder, type TemporaryFolder } from './support/temporary-folder.js';
import { describeSandboxed, lookForSandbox } from './support/usable-sandbox.js';

jest.setTimeout(120_000);

const probe = await lookForSandbox();
const PATH = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;

describeSandboxed(probe, 'work in the sandbox', () => {
  let bench: Bench;
  const sandbox = new BubblewrapSandbox();
  const commandRunner = new ProcessCommandRunner({ sandbox });

  beforeEach(async () => {
    bench = await startGitWorkspaces();
  });

  afterEach(() => bench.stop());

  afterAll(() => sandbox.onApplicationShutdown());

  it('lets an agent commit in its clone, which needs of the mirror the objects alone', async () => {
    const workspace = await bench.workspaces.prepare(bench.request());
    const events: AgentEvent[] = [];
    const run = [
      `git log --format=%s > seen; git add -A; git commit -qm work; git rev-parse HEAD > ../agent/tmp/head`,
      `ls ${bench.mirror} > mirror; ls ${bench.root} > root; touch ${bench.mirror}/objects/x || echo refused > refused`,
    ];
    const steps = [
      ...run.map((command) => ({ do: 'run' as const, command })),
      { do: 'stop' as const, stop: 'end_turn' as const },
    ];
    const runtime = new ScriptedRuntime({ '*': { steps } }, commandRunner);
    const session = await runtime.open({
      issue: workspace.issue,
      profile: PROFILE,
      workspace: workspace.directory,
      readable: workspace.readable ?? [],
      home: workspace.agentHome,
      instructions: '',
      onEvent: (event) => void events.push(event),
    });

    expect(await session.prompt('go')).toMatchObject({ stop: 'end_turn' });
    await session.close();

    const at = (name: string): Promise<string> => readFile(join(workspace.directory, name), 'utf8');
    expect(events.filter(({ type }) => type === 'tool-ended')).toMatchObject([{ isError: false }, { isError: false }]);
    expect(await at('seen')).toBe('by a person\n');
    expect(git(workspace.directory, 'rev-parse', 'HEAD')).toBe(
      (await readFile(join(workspace.agentHome, 'tmp', 'head'), 'utf8')).trim(),
    );
    expect([await at('mirror'), await at('root'), await at('refused')]).toEqual([
      'objects\n',
      'jobs\nmirrors\n',
      'refused\n',
    ]);
  });

  it('judges a checkout by gates that ask git about it and reach nothing else', async () => {
    const workspace = await bench.workspaces.prepare(bench.request());
    await writeFile(join(workspace.directory, 'README.md'), 'work\n');
    const { commit } = await bench.workspaces.capture(workspace, 'work');
    const checkout = await bench.workspaces.checkout(workspace, commit);
    const configuration = `gates:
  build: git status --porcelain && git ls-files && ! ls ${bench.mirror} && echo home > "$HOME/x"
  test: test -f "$HOME/x" && echo '# tests 1' && echo '# pass 1' && echo '# fail 0'
`;
    const gates = QualityGatesService.alone({ commandRunner });

    const verdict = await gates.judge({
      commit,
      checkout: checkout.directory,
      readBaseFile: async (path) => (path === CONFIGURATION_PATH ? configuration : null),
    });
    await checkout.remove();

    expect(verdict.results.map(({ gate, passed, summary }) => ({ gate, passed, summary }))).toEqual([
      { gate: 'build', passed: true, summary: expect.any(String) },
      { gate: 'test', passed: true, summary: expect.any(String) },
    ]);
  });
});

describe('the way to the network', () => {
  let folder: TemporaryFolder;
  let server: Server;
  let workspace: string;
  let bridgeFiles: readonly string[];

  beforeEach(async () => {
    folder = makeTemporaryFolder();
    workspace = join(folder.path, 'workspace');
    await mkdir(workspace);
    compileSource(folder.path, ['egress']);
    bridgeFiles = ['src/egress/network-bridge.js', 'src/egress/run-network-bridge.js', 'package.json'].map((path) =>
      join(folder.path, path),
    );
    server = createServer((request, answer) => answer.end(`gate ${request.url}`)).listen(
      join(folder.path, 'gate.sock'),
    );
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.close();
    await once(server, 'close');
    folder.remove();
  });

  const ASKS = `fetch(process.env.MODEL_URL + '/v1').then((answer) => answer.text()).then(console.log)`;
  const command = (argv: Command['argv'], rest: Partial<Command> = {}): Command => ({
    argv,
    cwd: workspace,
    env: { PATH },
    timeoutMs: 60_000,
    confinement: {
      writable: [workspace],
      network: { socket: join(folder.path, 'gate.sock'), environment: { MODEL_URL: '{address}' } },
    },
    ...rest,
  });

  function itLeads(make: () => Sandbox & { onApplicationShutdown?(): void }): void {
    it('leads a program to the socket, and says how it ended', async () => {
      const sandbox = make();
      const runner = new ProcessCommandRunner({ sandbox });

      const asked = await runner.run(command(['node', '-e', ASKS]));
      const failed = await runner.run(command(['sh', '-c', 'exit 3']));
      const crashed = await runner.run(command(['sh', '-c', 'kill -SEGV $$']));
      const missing = await runner.run(command(['no-such-program']));
      const left = await runner.run(command(['sh', '-c', 'sleep 1000 & exit 0']));
      sandbox.onApplicationShutdown?.();

      expect(asked).toMatchObject({ exitCode: 0, stdout: { text: 'gate /v1\n' } });
      expect(failed).toMatchObject({ ending: 'exited', exitCode: 3, leftBehind: 0 });
      expect(crashed).toMatchObject({ ending: 'killed', reason: expect.stringContaining('SIGSEGV') });
      expect(missing).toMatchObject({ ending: 'not_started', reason: expect.stringContaining('no-such-program') });
      expect(left).toMatchObject({ exitCode: 0, leftBehind: 1 });
    });

    it('asks a program to end once only', async () => {
      const sandbox = make();
      const abort = new AbortController();
      const script = `trap 'echo asked >> asked; exit 0' TERM; echo ready > ready; while :; do sleep 0.01; done`;
      const running = new ProcessCommandRunner({ sandbox }).run(
        command(['sh', '-c', script], { signal: abort.signal }),
      );
      while (!readdirSync(workspace).includes('ready')) await new Promise((resolve) => setImmediate(resolve));

      abort.abort();

      expect(await running).toMatchObject({ ending: 'aborted' });
      sandbox.onApplicationShutdown?.();
      expect(await readFile(join(workspace, 'asked'), 'utf8')).toBe('asked\n');
    });
  }

  describe('without a sandbox', () => {
    itLeads(() => new NoSandbox(bridgeFiles));

    it('starts a program without one as it is, and none that cannot get there', async () => {
      const runner = new ProcessCommandRunner({ sandbox: new NoSandbox() });

      expect(await runner.run(command(['true']))).toMatchObject({
        ending: 'not_started',
        reason: 'The sandbox has no bridge that leads the program to its network',
      });
      expect(await runner.run(command(['true'], { confinement: { writable: [] } }))).toMatchObject({ exitCode: 0 });
    });
  });

  describeSandboxed(probe, 'in the sandbox', () => {
    itLeads(() => new BubblewrapSandbox({ bridgeFiles }));

    it('leads nowhere else', async () => {
      const sandbox = new BubblewrapSandbox({ bridgeFiles });
      const argv: Command['argv'] = [
        'node',
        '-e',
        `fetch('http://1.1.1.1').catch(({ cause }) => console.log(cause.code))`,
      ];

      const result = await new ProcessCommandRunner({ sandbox }).run(command(argv));
      sandbox.onApplicationShutdown();

      expect(result.stdout.text).toBe('ENETUNREACH\n');
    });

    it('refuses a program whose socket is gone, or that has no bridge', async () => {
      const [sandbox, bridgeless] = [new BubblewrapSandbox({ bridgeFiles }), new BubblewrapSandbox()];
      const network = { socket: join(folder.path, 'gone'), environment: {} };
      const gone = command(['true'], { confinement: { writable: [workspace], network } });

      const results = await Promise.all([
        new ProcessCommandRunner({ sandbox }).run(gone),
        new ProcessCommandRunner({ sandbox: bridgeless }).run(command(['true'])),
      ]);
      sandbox.onApplicationShutdown();
      bridgeless.onApplicationShutdown();

      expect(results.map(({ reason }) => reason)).toEqual([
        'The way to the network is closed: its socket is not there',
        'The sandbox has no bridge that leads the program to its network',
      ]);
    });
  });
});
