import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FakeGitea } from '../src/testing/index.js';
import { liveGiteaOf } from './support/live-gitea.js';

jest.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '..');

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** Runs the tests against a real server as a person does, in a process that knows its address and token alone. */
async function runLive(environment: Readonly<Record<string, string>>): Promise<Results> {
  const jestProgram = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const { GITEA_LIVE_URL: _, GITEA_LIVE_TOKEN: __, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', jestProgram, '--json', '--silent', '--runInBand', 'test/live-gitea'],
    { cwd: ROOT, env: { ...inherited, ...environment }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Results;
}

describe('The tests against a real Gitea', () => {
  let gitea: FakeGitea;

  beforeAll(async () => {
    gitea = await FakeGitea.start({ version: '11.0.1+gitea-1.22.0' });
    gitea.createUser('root', { isAdmin: true });
  });

  afterAll(() => gitea.close());

  const answered = (method: string, path: RegExp): number =>
    gitea.requests.filter((one) => one.method === method && path.test(one.path) && one.status < 300).length;

  it('pass against a server of which they know the address and an administrator alone, and leave nothing', async () => {
    const results = await runLive({ GITEA_LIVE_URL: gitea.url, GITEA_LIVE_TOKEN: gitea.createToken('root') });

    expect(results).toMatchObject({ numFailedTests: 0 });
    expect(results.numPassedTests).toBeGreaterThan(50);
    expect(answered('POST', /\/admin\/users$/)).toBeGreaterThanOrEqual(4);
    expect(answered('DELETE', /\/admin\/users\/[^/]+$/)).toBe(answered('POST', /\/admin\/users$/));
    expect(answered('POST', /\/user\/repos$/)).toBeGreaterThan(20);
    expect(answered('DELETE', /\/repos\/[^/]+\/[^/]+$/)).toBe(answered('POST', /\/user\/repos$/));
  });

  it('are skipped where no server is named', async () => {
    const results = await runLive({});

    expect(results).toMatchObject({ numFailedTests: 0, numPassedTests: 0 });
    expect(results.numPendingTests).toBeGreaterThan(20);
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
