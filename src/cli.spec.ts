import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { BOT, OWNER, SetupBench } from '../test/support/setup-bench.js';
import { makeTemporaryFolder } from '../test/support/temporary-folder.js';
import { runCommand } from './cli.js';

jest.setTimeout(60_000);

const BEFORE = { ...process.env };
const PATH = BEFORE['PATH'] ?? '/usr/bin:/bin';

afterEach(() => {
  process.env = { ...BEFORE };
});

/** Runs a command in this process, in an environment of these variables alone. */
async function run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  process.env = { PATH, ...environment };
  let text = '';
  const code = await runCommand({ argv, write: (written) => void (text += written), path: PATH });
  return { code, text, lines: text.trimEnd().split('\n') };
}

/** What the service of a bench would be started with. */
function environmentOf(bench: SetupBench, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    GITEA_WEBHOOK_SECRET: 'a-secret-of-the-webhook',
    GITEA_URL: bench.gitea.url,
    GITEA_TOKEN: bench.gitea.createToken(BOT),
    ANTHROPIC_API_KEY: 'sk-ant-0c41dd1f3a7755aa',
    HOST: '127.0.0.1',
    PORT: new URL(bench.receiver.address).port,
    ...more,
  };
}

describe('runCommand', () => {
  it('explains the program', async () => {
    expect(await run(['help'])).toMatchObject({ code: 0, text: expect.stringContaining('mosaic-coordinator doctor') });
  });

  it('refuses what means nothing, and explains the program', async () => {
    const { code, lines } = await run(['start']);

    expect([code, lines[0], lines.length > 10]).toEqual([64, 'There is no command "start"', true]);
  });

  it('lists each mistake of the configuration, and looks at the machine all the same', async () => {
    const { code, lines } = await run(['doctor'], { GITEA_URL: 'nowhere' });

    expect(code).toBe(1);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      'GITEA_WEBHOOK_SECRET',
      'ANTHROPIC_API_KEY',
      'GITEA_URL',
      'git',
      expect.any(String),
    ]);
    expect((await run(['init', '--system', '--url', 'http://coordinator.test/'])).code).toBe(1);
    expect((await run(['why', 'ada/shop#1'])).code).toBe(1);
  });

  it('has init make the labels of the scope, with the token of an administrator for the webhook alone', async () => {
    await using bench = await SetupBench.start();
    const setup = { GITEA_SETUP_TOKEN: bench.gitea.createToken(OWNER), LABEL_SCOPE: 'robot' };

    const { code, text } = await run(['init', '--repo', 'ada/shop', '--url', bench.url], environmentOf(bench, setup));

    // The secret of the receiver is another.
    expect([code, text]).toEqual([1, expect.stringContaining('signed with another secret')]);
    expect(text).toContain('+ Labels were made in ada/shop: robot/pending, robot/available, robot/running');
    const writers = bench.gitea.requests
      .filter(({ method, status }) => method === 'POST' && status < 300)
      .map(({ user, path }) => `${user} ${path.split('/').at(6)}`);
    expect(new Set(writers)).toEqual(new Set([`${OWNER} hooks`, `${BOT} labels`, `${BOT} contents`, `${BOT} pulls`]));
  });

  it('has doctor look at the data folder and the service that are configured', async () => {
    await using bench = await SetupBench.start();
    const folder = makeTemporaryFolder();
    const given = environmentOf(bench, { DATA_FOLDER: folder.path });

    const here = await run(['doctor'], given);
    const there = await run(['doctor', '--service', 'http://127.0.0.1:1/'], given);

    expect(here.lines).toContain(`✓ The service at ${bench.receiver.address} is ready`);
    expect(here.lines).toContain(`✓ The data folder ${folder.path} can be written`);
    expect(there.text).toContain('· No service answers at http://127.0.0.1:1: ');
    folder.remove();
  });

  it('shows no secret that it was given, whatever somebody answers', async () => {
    await using bench = await SetupBench.start();
    const given = environmentOf(bench);
    const body = { message: `Bearer ${given['GITEA_TOKEN']}`, url: '' };
    bench.gitea.faults.add({ path: /\/user$/, kind: 'pretend', status: 403, body });

    const { code, text } = await run(['doctor'], given);

    expect(code).toBe(1);
    expect(text).toContain('Gitea does not say whose token it is');
    expect(text).not.toContain(given['GITEA_TOKEN']);
  });

  it('has why say what is missing', async () => {
    await using bench = await SetupBench.start();

    const closed = await run(['why', 'ada/shop#1'], environmentOf(bench));
    const open = await run(['why', 'ada/shop#1'], environmentOf(bench, { API_TOKEN: 'api-token-3e8f1c9d' }));

    expect([closed.code, closed.lines]).toEqual([1, [expect.stringContaining('API_TOKEN is not set')]]);
    expect([open.code, open.lines]).toEqual([1, [expect.stringMatching(/^✗ The service at .* answers 200/)]]);
  });
});
