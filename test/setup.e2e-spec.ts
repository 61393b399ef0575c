import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { FakeGitea } from '../src/testing/index.js';
import { GiteaScene } from './support/gitea-scene.js';
import { SECRETS, tellsSecret } from './support/lone-service.js';
import { describeOnEveryGitea } from './support/on-every-gitea.js';
import { PROGRAM, ServiceProcess } from './support/service-process.js';
import { makeTemporaryFolder, type TemporaryFolder } from './support/temporary-folder.js';

jest.setTimeout(120_000);

const BOT = 'mosaic';
const OWNER = 'ada';
const SHOP = { owner: OWNER, repo: 'shop' };
/** Its gates are found at once. */
const FILES = { 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) };

let folder: TemporaryFolder;
let gitea: FakeGitea;
let environment: Record<string, string>;

beforeEach(async () => {
  folder = makeTemporaryFolder();
  gitea = await FakeGitea.start({ users: [OWNER, BOT] });
  await gitea.createRepository({
    owner: OWNER,
    name: SHOP.repo,
    files: FILES,
    collaborators: { [BOT]: 'write' },
  });
  environment = {
    ...SECRETS,
    GITEA_URL: gitea.url,
    GITEA_BOT_NAME: BOT,
    GITEA_TOKEN: gitea.createToken(BOT, { scopes: ['write:issue', 'write:repository', 'read:user'] }),
    GITEA_SETUP_TOKEN: gitea.createToken(OWNER),
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    DATA_FOLDER: join(folder.path, 'data'),
    ALLOW_UNSANDBOXED_AGENT: 'true',
    HOST: '127.0.0.1',
    PORT: '0',
  };
});

afterEach(async () => {
  await gitea.close();
  folder.remove();
});

/** Runs a command of the program to its end. */
async function run(args: readonly string[], given = environment): Promise<{ code: unknown; lines: string[] }> {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...given };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env,
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const tokens = [environment['GITEA_TOKEN'], environment['GITEA_SETUP_TOKEN']].map(String);
  expect(tellsSecret(out + err) || tokens.some((token) => (out + err).includes(token))).toBe(false);
  expect(err).toBe('');
  return { code, lines: out.split('\n').filter((line) => line !== '') };
}

describe('The commands of the program', () => {
  it('set Gitea up, find all well with the service that runs, and say why a job is where it is', async () => {
    await using service = ServiceProcess.start(environment);
    const address = await service.address();
    const url = `${address}/webhook/gitea`;
    const port = { ...environment, PORT: new URL(address).port };

    const init = await run(['init', '--repo', 'ada/shop', '--url', url], port);
    const doctor = await run(['doctor', '--repo', 'ada/shop'], port);
    const dry = await run(['init', '--repo', 'ada/shop', '--url', url, '--dry-run'], port);

    expect(init.code).toBe(0);
    expect(init.lines).toEqual(
      expect.arrayContaining([
        `+ The webhook of ada/shop to ${url} was made`,
        '✓ A test of the webhook of ada/shop arrived',
        '+ .mosaic/coordinator.yml was proposed to ada/shop in #1',
      ]),
    );
    expect(dry.lines.filter((line) => !line.startsWith('✓'))).toEqual([]);
    expect(doctor.lines.filter((line) => !/^[✓·]|sandbox|Agents/.test(line))).toEqual([]);
    expect(doctor.lines).toContain('✓ A test of the webhook of ada/shop arrived');

    const issue = gitea.openIssue(SHOP, { title: 'Vague' }, { by: OWNER });
    gitea.assign(issue, [BOT], { by: OWNER });
    await service.line('Delivery accepted', { kind: 'issue_assign' });
    const none = await run(['why', 'ada/shop#99'], port);
    expect([none.code, none.lines]).toEqual([1, ['✗ There is no job for ada/shop#99. Assign the issue to the bot']]);
    await service.line('Job moved', { issue: `ada/shop#${issue.number}` });
    const why = await run(['why', `ada/shop#${issue.number}`], port);
    expect([why.code, why.lines]).toEqual([0, [expect.stringMatching(/^✓ ada\/shop#2 is [\w ]+: .+\.$/)]]);
  });

  it('say of a service with another secret that it refuses what comes', async () => {
    const other = { ...environment, GITEA_WEBHOOK_SECRET: 'whsec-of-another-service' };
    await using service = ServiceProcess.start(other);
    const address = await service.address();
    const port = { ...environment, PORT: new URL(address).port };

    const init = await run(['init', '--repo', 'ada/shop', '--url', `${address}/webhook/gitea`], port);

    expect(init.code).toBe(1);
    expect(init.lines.join('\n')).toMatch(/✗ A test .* signed with another secret .* --rotate-secret/);
  });

  it('name every mistake of the configuration, and read .env', async () => {
    const nothing = await run(['doctor'], {});
    writeFileSync(join(folder.path, '.env'), 'GITEA_URL=http://127.0.0.1:9\nANTHROPIC_API_KEY=x\n');
    const file = await run(['doctor'], {});

    expect(nothing.code).toBe(1);
    expect(nothing.lines.slice(0, 3)).toEqual([
      expect.stringMatching(/^✗ GITEA_WEBHOOK_SECRET is not set/),
      expect.stringMatching(/^✗ GITEA_URL is not set/),
      expect.stringMatching(/^✗ ANTHROPIC_API_KEY is not set/),
    ]);
    expect(nothing.lines[3]).toMatch(/^✓ git version/);
    expect(file.lines.filter((line) => line.includes('is not set'))).toHaveLength(1);
    expect((await run(['init', '--system', '--url', 'http://x/'], {})).code).toBe(1);
    expect((await run(['why', 'ada/shop#1'], {})).code).toBe(1);
  });

  it('explain themselves, and refuse what means nothing with exit code 64', async () => {
    const help = await run(['help'], {});
    const wrong = await run(['init', '--everything'], {});

    expect([help.code, help.lines[0]]).toEqual([0, expect.stringMatching(/^mosaic-coordinator +starts the service$/)]);
    expect([wrong.code, wrong.lines[0]]).toEqual([64, expect.stringContaining("'--everything'")]);
    expect(wrong.lines.slice(-help.lines.length)).toEqual(help.lines);
  });
});

describeOnEveryGitea('Setting a Gitea up', (host) => {
  it('makes webhook, labels and proposal, once, whether or not a webhook can arrive', async () => {
    const place = await host.open();
    const scene = new GiteaScene(place, await place.createRepository(FILES));
    const repo = `${scene.repository.owner}/${scene.repository.repo}`;
    const given = {
      ...environment,
      GITEA_URL: place.url,
      GITEA_BOT_NAME: scene.bot,
      GITEA_TOKEN: place.tokenOf('bot'),
      GITEA_SETUP_TOKEN: place.tokenOf('person'),
    };
    const service = ServiceProcess.start(given);
    try {
      const address = await service.address();
      const url = `${address}/webhook/gitea`;
      const init = ['init', '--repo', repo, '--url', url];
      const port = { ...given, PORT: new URL(address).port };

      const first = await run(init, port);
      const again = await run(init, port);
      const hooks = await place.list<{ readonly config: { readonly url: string } }>(`${scene.path}/hooks`);
      const labels = await place.list<{ readonly name: string }>(`${scene.path}/labels`);

      expect(first.lines).toContain(`+ The webhook of ${repo} to ${url} was made`);
      expect(again.lines.filter((line) => line.startsWith('+'))).toEqual([]);
      expect(hooks.map(({ config }) => config.url)).toEqual([url]);
      expect(labels.map(({ name }) => name)).toEqual(expect.arrayContaining(['mosaic/running', 'mosaic/completed']));
      expect(new Set(labels.map(({ name }) => name)).size).toBe(labels.length);
      expect((await scene.pullRequests()).map(({ baseBranch, state }) => [baseBranch, state])).toEqual([
        ['main', 'open'],
      ]);
    } finally {
      await service[Symbol.asyncDispose]();
      await host.release(place);
    }
  });
});
