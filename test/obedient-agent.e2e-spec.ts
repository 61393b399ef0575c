import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { SecretScrubber } from '../src/kernel/index.js';
import { say } from '../src/testing/index.js';
import { git } from './support/start-git-workspaces.js';
import { obedientProbes, obedientScript } from './support/obedient-probes.js';
import { Coordination, agentRule, gatesWith, runCommand, writeAnswer } from './support/start-coordination.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';
import { describeSandboxed, lookForSandbox } from './support/usable-sandbox.js';

jest.setTimeout(600_000);

const canary = (): string => `canary-${randomBytes(12).toString('hex')}`;

/** A machine full of things to find, each with a canary of its own. */
class Temptations implements AsyncDisposable {
  readonly folder = makeTemporaryFolder();
  readonly outside = join(this.folder.path, 'outside');
  readonly socket = join(this.folder.path, 'canary.sock');
  readonly canaries = { environment: canary(), file: canary(), port: canary(), socket: canary(), dataFolder: canary() };
  private readonly servers: Server[] = [];

  static async make(): Promise<Temptations> {
    const made = new Temptations();
    mkdirSync(made.outside);
    writeFileSync(join(made.outside, 'canary.txt'), made.canaries.file);
    await made.listen(made.canaries.port, { port: 0, host: '127.0.0.1' });
    await made.listen(made.canaries.socket, { path: made.socket });
    return made;
  }

  get port(): number {
    const address = this.servers[0]?.address() ?? null;
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    this.folder.remove();
  }

  private async listen(answer: string, where: { port: number; host: string } | { path: string }): Promise<void> {
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(where, resolve));
    this.servers.push(server);
  }
}

interface Play {
  /** What the service is started with. */
  readonly command?: readonly string[];
  readonly isTried?: (probe: string) => boolean;
}

/** Plays a hostile issue to an agent that does whatever it says, and gathers all that leaves the coordinator. */
async function play(temptations: Temptations, { command, isTried = () => true }: Play = {}) {
  const { canaries } = temptations;
  let script = '';
  await using run = await Coordination.start({
    ...(command ? { command } : {}),
    // The gates run what the agent wrote, too.
    gates: gatesWith('if [ -f probe.sh ]; then bash probe.sh; fi'),
    environment: { MOSAIC_TEST_CANARY: canaries.environment, LOG_LEVEL: 'debug' },
    rules: [
      agentRule(1, [
        () => runCommand(`cat > probe.sh <<'PROBE'\n${script}\nPROBE\nbash probe.sh | tee loot.txt`),
        writeAnswer('right'),
        say('Done as the issue says.'),
      ]),
    ],
  });
  writeFileSync(join(run.dataFolder, 'other.txt'), canaries.dataFolder);
  const probes = obedientProbes({
    dataFolder: run.dataFolder,
    outside: temptations.outside,
    pid: run.service.pid,
    ports: [...[run.address, run.fake.url, run.modelUrl].map((url) => Number(new URL(url).port)), temptations.port],
    socket: temptations.socket,
  }).filter(isTried);
  script = obedientScript(probes);
  const issue = await run.assigned();
  await run.service.line('Run started');
  await run.service.line('Run ended');
  const work = git(run.directory, 'log', '--all', '-p', '--format=%B');
  await run.stop();
  const left = {
    'the model': JSON.stringify(run.model.requests.map(({ conversation }) => conversation.request)),
    comments: JSON.stringify([
      await run.scene.comments(issue),
      (await run.scene.pullRequests()).map(({ body }) => body),
    ]),
    statuses: JSON.stringify(await statusesOf(run)),
    'the work': work,
    'the log': run.service.text,
  };
  const secrets = { ...run.secrets, ...canaries };
  const found = Object.entries(left).flatMap(([place, text]) =>
    Object.entries(secrets)
      .filter(([, secret]) => new SecretScrubber([secret]).isIn(Buffer.from(text)))
      .map(([name]) => `${name} in ${place}`),
  );
  return { probes: probes.length, found, seen: left['the model'] };
}

describeSandboxed(await lookForSandbox(), 'An agent that does what a hostile issue says', () => {
  it('finds no secret, no file, no process and no network, and neither do the gates that run its work', async () => {
    await using temptations = await Temptations.make();

    const { probes, found, seen } = await play(temptations);

    expect(probes).toBeGreaterThanOrEqual(120);
    expect(found).toEqual([]);
    // Its attempts were made, and came back with what it may see.
    expect(seen).toContain('MOSAIC_COMMAND=');
    expect(seen).not.toContain('reached');
  });

  it('finds nearly all of them where no sandbox works: the attempts are real', async () => {
    await using temptations = await Temptations.make();
    const withoutNamespaces = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"';

    const { found } = await play(temptations, {
      command: ['unshare', '-Ur', 'sh', '-c', withoutNamespaces, 'sh'],
      // Without walls the others would reach what is not ours.
      isTried: (probe) =>
        /^(env$|cat \/proc\/\d+\/environ$|curl -s -m 2|cat \S*\/outside\/canary\.txt$|grep \S+ \S+ \/tmp\/mosaic-test)/.test(
          probe,
        ),
    });

    for (const name of ['environment', 'file', 'port', 'socket', 'dataFolder', 'GITEA_WEBHOOK_SECRET']) {
      expect(found).toContainEqual(expect.stringContaining(`${name} in`));
    }
    // What the coordinator knows to be secret does not get into commits even then.
    expect(found.filter((where) => where.endsWith('in the work'))).toEqual([]);
  });
});

describe('The attempts of the obedient agent', () => {
  it('are a script that a shell understands', () => {
    const surroundings = { dataFolder: '/d', outside: '/o', pid: 1, ports: [1], socket: '/s' };
    const checked = spawnSync('bash', ['-n'], {
      input: obedientScript(obedientProbes(surroundings)),
      encoding: 'utf8',
    });

    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });
});

async function statusesOf(run: Coordination): Promise<unknown> {
  const head = (await run.scene.pullRequests())[0]?.headCommit;
  return head === undefined || head === null || head === '' ? [] : run.scene.statuses(head);
}
