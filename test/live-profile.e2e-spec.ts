import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FakeGitea, type FakeGiteaOptions } from '../src/testing/index.js';
import { liveGiteaOf } from './support/live-gitea.js';

jest.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '..');

interface Results {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
      readonly status: string;
    }[];
  }[];
}

/** The titles of what failed, and why a file could not be read. */
function failuresOf({ testResults }: Results): readonly string[] {
  return testResults.flatMap(({ message, assertionResults }) => {
    if (assertionResults.length === 0) return [message];
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    return failed.map(({ fullName, failureMessages = [] }) => [fullName, ...failureMessages].join('\n'));
  });
}

/** Everything that is asked of one server there, and as many jobs of the built service as the time of a test allows. */
const FILES = ['live-gitea', 'orchestration', 'pull-requests', 'intake'].map((name) => `test/${name}.e2e`);
const CONTRACTS = 'on a Gitea, live';
const MERGED = 'An assigned issue, live .* is done when its pull request is merged';
const REVIEWED = 'A pull request, live .* gets what a review asks for';
const BLOCKED = 'Intake, live .* that Gitea links as blocked';

/** Runs the tests against a real server as a person does, in a process that knows its address and token alone. */
async function runLive(environment: Readonly<Record<string, string>>, ...titles: readonly string[]): Promise<Results> {
  const jestProgram = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const { GITEA_LIVE_URL: _, GITEA_LIVE_TOKEN: __, MOSAIC_LONG_TESTS: ___, ...inherited } = process.env;
  const wanted = ['--json', '--silent', '--runInBand', '-t', titles.join('|'), ...FILES];
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', jestProgram, ...wanted], {
    cwd: ROOT,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Results;
}

describe('The tests against a real Gitea', () => {
  const servers: FakeGitea[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function serve(options: FakeGiteaOptions): Promise<FakeGitea> {
    const gitea = await FakeGitea.start(options);
    servers.push(gitea);
    gitea.createUser('root', { isAdmin: true });
    return gitea;
  }

  it.each<[string, FakeGiteaOptions, readonly string[]]>([
    ['Gitea whose webhooks arrive', { version: '1.26.4' }, [MERGED]],
    [
      'Forgejo that may not send webhooks to this machine',
      { version: '11.0.15+gitea-1.22.0', allowedHosts: 'external' },
      [BLOCKED, REVIEWED],
    ],
  ])('pass against a %s, of which they know the address and an administrator, and leave nothing', async (...given) => {
    const [, options, jobs] = given;
    const gitea = await serve(options);
    const answered = (method: string, path: RegExp): number =>
      gitea.requests.filter((one) => one.method === method && path.test(one.path) && one.status < 300).length;

    const token = gitea.createToken('root');
    const results = await runLive({ GITEA_LIVE_URL: gitea.url, GITEA_LIVE_TOKEN: token }, CONTRACTS, ...jobs);

    expect(failuresOf(results)).toEqual([]);
    expect(results.numPassedTests).toBeGreaterThanOrEqual(53 + jobs.length);
    expect(answered('POST', /\/admin\/users$/)).toBeGreaterThan(4);
    expect(answered('DELETE', /\/admin\/users\/[^/]+$/)).toBe(answered('POST', /\/admin\/users$/));
    expect(answered('POST', /\/user\/repos$/)).toBeGreaterThan(50);
    expect(answered('DELETE', /\/repos\/[^/]+\/[^/]+$/)).toBe(answered('POST', /\/user\/repos$/));
  });

  it('are those of one account where the token is of nobody special', async () => {
    const gitea = await serve({});

    const results = await runLive(
      { GITEA_LIVE_URL: gitea.url, GITEA_LIVE_TOKEN: gitea.createToken('somebody') },
      CONTRACTS,
    );

    expect(failuresOf(results)).toEqual([]);
    expect(results.numPassedTests).toBe(8);
    expect(gitea.requests.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('are skipped where no server is named', async () => {
    const results = await runLive({}, 'live \\(');

    expect(failuresOf(results)).toEqual([]);
    expect(results.numPassedTests).toBe(0);
    expect(results.numPendingTests).toBeGreaterThan(70);
  });
});

describe('liveGiteaOf', () => {
  it('needs the address and the token, and takes the address without a slash at its end', () => {
    expect(liveGiteaOf({})).toBeNull();
    expect(liveGiteaOf({ GITEA_LIVE_URL: 'http://git.example.org/' })).toBeNull();
    expect(liveGiteaOf({ GITEA_LIVE_TOKEN: 'a token' })).toBeNull();
    expect(liveGiteaOf({ GITEA_LIVE_URL: 'http://git.example.org/', GITEA_LIVE_TOKEN: 'a token' })).toEqual({
      url: 'http://git.example.org',
      token: 'a token',
    });
  });
});
