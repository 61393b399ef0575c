// Started by agents-starts.mjs: opens sessions of one runtime as the service does, as told line by line, and tells
// what it took. Whatever is read of this process is what those agents cost the coordinator.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { dist, folder, kind, isSandboxed, profile } = JSON.parse(process.argv[2]);
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { AcpRuntime, ClaudeRuntime, EmbeddedRuntime } = await load('agents/index.js');
const { LocalProcessLauncher, ProcessCommandRunner } = await load('command-runner/index.js');
const { EgressProxy } = await load('egress/egress-proxy.js');
const { resolveEgressOptions } = await load('egress/egress.options.js');
const { networkBridgeFiles } = await load('egress/index.js');
const { BubblewrapSandbox, NoSandbox } = await load('sandbox/index.js');

const bridgeFiles = networkBridgeFiles();
const sandbox = isSandboxed ? new BubblewrapSandbox({ bridgeFiles }) : new NoSandbox(bridgeFiles);
const launcher = new LocalProcessLauncher({ sandbox });
const egress = new EgressProxy(resolveEgressOptions({}));
const runtimes = {
  embedded: () => new EmbeddedRuntime(new ProcessCommandRunner({ sandbox })),
  claude: () => new ClaudeRuntime(launcher, egress),
  acp: () => new AcpRuntime(launcher, egress),
};
const runtime = runtimes[kind]();
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const sessions = [];
const turns = [];
let opened = 0;

async function open(prompt) {
  opened += 1;
  const place = join(folder, `${opened}`);
  const workspace = join(place, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const session = await runtime.open({
    issue: { owner: 'ada', repo: 'shop', number: opened },
    profile,
    workspace,
    home: join(place, 'home'),
    instructions: 'You are the agent of a benchmark.',
    onEvent: () => undefined,
  });
  const openedAt = Date.now();
  sessions.push(session);
  turns.push(session.prompt(prompt));
  return openedAt;
}

const calls = {
  /** Opens so many at once, and prompts each. */
  open: async ({ count, prompt }) => {
    const beganAt = Date.now();
    const openedAt = await Promise.all(Array.from({ length: count }, () => open(prompt)));
    return { beganAt, openedAt };
  },
  /** The ends of all turns. */
  turns: async () => {
    const ends = await Promise.all(turns.splice(0));
    return { endedAt: Date.now(), failures: ends.filter(({ stop }) => stop !== 'end_turn') };
  },
  close: () => Promise.all(sessions.splice(0).map((session) => session.close())),
};

tell({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...given } = JSON.parse(line);
  try {
    tell({ value: (await calls[call](given)) ?? null });
  } catch (error) {
    tell({ error: error.message });
  }
}
await calls.close();
await launcher.onApplicationShutdown();
await egress.close();
if (isSandboxed) sandbox.onApplicationShutdown();
