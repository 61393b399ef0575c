import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, jest } from '@jest/globals';

import { BOT, OWNER, SECRET, SHOP, SetupBench } from '../../test/support/setup-bench.js';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { ProcessCommandRunner } from '../command-runner/index.js';
import { SystemClock } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import { examine, type Examination } from './examine.js';
import { HOOK_EVENTS } from './plan-hook.js';

jest.setTimeout(60_000);

const PATH = process.env['PATH'] ?? '/usr/bin:/bin';
const CONFINING = () => Promise.resolve({ isConfining: true, version: '0.8.0', warning: null });

/** What is printed, from the look at Gitea's version on unless told otherwise. */
async function examined(bench: SetupBench, given: Partial<Examination> = {}, isWhole = false): Promise<string[]> {
  const folder = makeTemporaryFolder();
  bench.lines.length = 0;
  await examine(
    {
      bot: await bench.as(BOT),
      administrator: await bench.as(OWNER),
      giteaUrl: 'http://gitea.test',
      botName: BOT,
      repository: SHOP,
      url: null,
      service: bench.service,
      machine: { runner: new ProcessCommandRunner(), path: PATH, sandbox: CONFINING, isSandboxOptional: false },
      dataFolder: folder.path,
      model: { apiKey: 'sk-ant-0c41dd1f3a7755aa', baseUrl: null },
      clock: bench.clock,
      ...given,
    },
    bench.report,
  );
  folder.remove();
  const from = bench.lines.findIndex((line) => line.includes('gitea.test'));
  return isWhole ? [...bench.lines] : bench.lines.slice(from);
}

describe('mosaic-coordinator doctor', () => {
  it('finds nothing wrong where all is well', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createHook(SHOP, { url: bench.url, secret: SECRET, events: [...HOOK_EVENTS] });

    const lines = await examined(bench, { clock: clockOf(bench) }, true);

    expect(lines).toEqual([
      expect.stringMatching(/^✓ git version \d/),
      '✓ The sandbox works, with bubblewrap 0.8.0',
      expect.stringMatching(/^✓ The data folder .* can be written$/),
      expect.stringMatching(/^✓ [\d.]+ GiB are free for data and workspaces$/),
      '✓ ANTHROPIC_API_KEY has the shape of a key of Anthropic',
      `✓ The service at ${bench.receiver.address} is ready`,
      '· No API',
      '✓ http://gitea.test is Gitea 1.26.4',
      expect.stringMatching(/^✓ The clocks of this machine and of Gitea agree to \d s$/),
      `✓ The token is of mosaic, the bot account (id 2)`,
      '✓ ada/shop is there, with the default branch main',
      '✓ The bot may push to ada/shop',
      '✓ The bot may write to issues of ada/shop',
      '✓ ada/shop has no .mosaic/coordinator.yml: its gates are found by themselves',
      `✓ The webhook of ada/shop goes to ${bench.url}`,
      '✓ A test of the webhook of ada/shop arrived',
    ]);
  });

  it('looks at no repository where none is named, and writes nothing', async () => {
    await using bench = await SetupBench.start();

    const lines = await examined(bench, { repository: null });

    expect(lines.at(-1)).toContain('The token is of mosaic');
    expect(bench.gitea.requests.map(({ method }) => method)).not.toContain('POST');
  });

  it('tells how far the clocks are apart', async () => {
    await using bench = await SetupBench.start();
    const ahead = new FakeClock(Date.now() + 3_600_000);
    const behind = new FakeClock(Date.now() - 3_600_000);

    const lines = [
      ...(await examined(bench, { repository: null, clock: ahead })),
      ...(await examined(bench, { repository: null, clock: behind })),
    ];

    expect(lines.filter((line) => line.includes('clock'))).toEqual([
      expect.stringMatching(/^✗ The clock of this machine is 3[56]\d\d s ahead of Gitea's\. Set both by NTP/),
      expect.stringMatching(/^✗ The clock of this machine is 3[56]\d\d s behind Gitea's/),
    ]);
  });

  it('names what the repository lacks', async () => {
    await using bench = await SetupBench.start({ files: { '.mosaic/coordinator.yml': 'gates:\n  test: npm test\n' } });
    bench.gitea.archive(SHOP);
    bench.gitea.createHook(SHOP, { url: bench.url, secret: SECRET, events: [...HOOK_EVENTS] });

    const lines = await examined(bench);

    expect(lines).toContain('✗ ada/shop is archived. Unarchive it: nothing can be written to it');
    expect(lines).toContain('✓ .mosaic/coordinator.yml of ada/shop is valid');
    expect(lines.find((line) => line.includes('may not push'))).toMatch(/^✗ .* 423 /);
  });

  it('says of a repository that cannot be seen that it is not there', async () => {
    await using bench = await SetupBench.start();

    const lines = await examined(bench, { repository: { owner: OWNER, repo: 'missing' } });

    expect(lines.find((line) => line.includes('does not see'))).toMatch(
      /^✗ The bot does not see ada\/missing: .*404.* It does not exist, or the account of the token may not see it$/,
    );
  });
});

describe('what a repository lacks', () => {
  it.each([
    ['has_issues', '✗ ada/shop has no issues. Switch issues on in the settings of the repository'],
    ['has_pull_requests', '✗ ada/shop takes no pull requests. Switch them on in the settings of the repository'],
  ])('is named: %s', async (unit, expected) => {
    await using bench = await SetupBench.start();
    const known = await (await fetch(`${bench.gitea.url}/api/v1/repos/ada/shop`)).json();
    const body = { ...(known as object), [unit]: false };
    bench.gitea.faults.add({ path: /\/repos\/ada\/shop$/, kind: 'pretend', status: 200, body });

    expect(await examined(bench)).toContain(expected);
  });

  it('may be links between issues', async () => {
    await using bench = await SetupBench.start();
    await bench.gitea.createRepository({ owner: OWNER, name: 'plain', hasDependencies: false, files: { a: 'b' } });

    const lines = await examined(bench, { repository: { owner: OWNER, repo: 'plain' } });

    expect(lines).toContain(
      '· Issues of ada/plain cannot be linked as dependencies. Only those in their text count. It is switched on in the settings of the repository',
    );
  });

  it('may be an answer', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.faults.add({ path: /\/contents\//, kind: 'status', status: 409 });
    bench.gitea.faults.add({ path: /\/version$/, kind: 'status', status: 404, skip: 1 });

    const lines = await examined(bench);

    expect(lines).toContainEqual(
      expect.stringMatching(/^✗ \.mosaic\/coordinator\.yml of ada\/shop cannot be read: .*409/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^· Gitea's clock cannot be read: .*404/));
  });
});

describe('the webhook, as doctor sees it', () => {
  it('is missed where deliveries never came', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createHook(SHOP, { url: 'http://elsewhere.test/other', events: [...HOOK_EVENTS] });
    bench.receiver.count('refused');

    const lines = await examined(bench);

    expect(lines.at(-1)).toBe(
      '✗ No webhook of ada/shop goes to the coordinator. Make one: mosaic-coordinator init --repo ada/shop --url <address>/webhook/gitea',
    );
  });

  it('may be one of the site where deliveries come', async () => {
    await using bench = await SetupBench.start();
    bench.receiver.count('accepted');

    const lines = await examined(bench);

    expect(lines.at(-1)).toMatch(/^· No webhook of ada\/shop itself goes to the coordinator, yet deliveries arrive/);
  });

  it.each([
    ['organization', '✓ The webhook of the organization ada goes to'],
    ['system', '✓ The webhook of the whole site goes to'],
  ] as const)('may be one of the %s', async (kind, expected) => {
    await using bench = await SetupBench.start();
    bench.gitea.createUser('root', { isAdmin: true });
    const root = await bench.as('root');
    const place = kind === 'system' ? ({ kind } as const) : ({ kind, name: OWNER } as const);
    await root.hooks.createHook(place, { url: bench.url, secret: SECRET, events: HOOK_EVENTS });

    const lines = await examined(bench, { administrator: root });

    expect(lines.at(-1)).toContain(expected);
  });

  it('may be one of the organization that does not do', async () => {
    await using bench = await SetupBench.start();
    const ada = await bench.as(OWNER);
    const place = { kind: 'organization', name: OWNER } as const;
    await ada.hooks.createHook(place, { url: bench.url, secret: SECRET, events: ['issues'] });

    expect((await examined(bench)).at(-1)).toMatch(
      /^✗ The webhook of the organization ada does not do: .*pull_request/,
    );
  });

  it('is one too many where there are two, and is looked for by its address', async () => {
    await using bench = await SetupBench.start();
    for (const url of [bench.url, bench.url, 'http://old.test/webhook/gitea']) {
      bench.gitea.createHook(SHOP, { url, secret: SECRET, events: [...HOOK_EVENTS] });
    }

    const lines = await examined(bench, { url: bench.url });

    expect(lines.slice(-3)).toEqual([
      `✗ 2 webhooks of ada/shop send each event. Run mosaic-coordinator init --repo ada/shop --url ${bench.url}`,
      `✓ The webhook of ada/shop goes to ${bench.url}`,
      '✓ A test of the webhook of ada/shop arrived',
    ]);
  });

  it.each([
    [{ active: false, events: [...HOOK_EVENTS] }, /^✗ The webhook of ada\/shop does not do: it is not active\. Run/],
    [
      { active: true, events: ['push'] },
      /^✗ The webhook of ada\/shop does not do: it does not hear of issues, issue_assign/,
    ],
    [{ active: true, events: ['issues', 'pull_request'] }, /^· The webhook of ada\/shop hears of no pushes/],
  ])('is found wanting: %j', async (given, expected) => {
    await using bench = await SetupBench.start();
    await bench.createHook(given);

    expect((await examined(bench)).at(-1)).toMatch(expected);
  });

  it('is refused where its secret is another', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createHook(SHOP, { url: bench.url, secret: 'another-secret-0123', events: [...HOOK_EVENTS] });

    expect((await examined(bench)).at(-1)).toMatch(/^✗ A test .* signed with another secret .* --rotate-secret$/);
  });

  it('is not sent where Gitea may not send to it', async () => {
    await using bench = await SetupBench.start({ allowedHosts: 'external' });
    bench.gitea.createHook(SHOP, { url: bench.url, secret: SECRET, events: [...HOOK_EVENTS] });
    const { clock } = bench;

    const lines = await examined(bench, { clock });

    expect(lines.at(-1)).toMatch(/^✗ A test .* did not arrive within 10 s\. .*ALLOWED_HOST_LIST = private/);
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
  });

  it('is not judged by who may not see it, nor while the service is away', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createHook(SHOP, { url: bench.url, secret: SECRET, events: [...HOOK_EVENTS] });
    const away = { ...bench.service, address: 'http://127.0.0.1:9' };

    const hidden = await examined(bench, { administrator: await bench.as(BOT) });
    const unseen = await examined(bench, { service: away });

    expect(hidden.at(-1)).toMatch(/^· The webhooks of ada\/shop cannot be seen: .* set GITEA_SETUP_TOKEN/);
    expect(unseen.at(-1)).toBe(
      '· Whether deliveries of ada/shop arrive cannot be seen while the service does not answer',
    );
  });

  it('is tested by nobody whose token lacks the scope', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createHook(SHOP, { url: bench.url, secret: SECRET, events: [...HOOK_EVENTS] });
    const reader = await bench.as(OWNER, ['read:repository']);

    expect((await examined(bench, { administrator: reader })).at(-1)).toMatch(
      /^✗ Gitea sends the webhook of ada\/shop no test: the token in GITEA_SETUP_TOKEN lacks the scope write:repository/,
    );
  });
});

describe('a Gitea that says odd things', () => {
  it('has no clock to compare, and a version that nobody knows', async () => {
    await using bench = await SetupBench.start();
    const server = createServer((_request, response) => {
      response.sendDate = false;
      response.setHeader('content-type', 'application/json');
      response.end('{"version":"latest"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const odd = await bench.with(null, 'GITEA_TOKEN', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

    const lines = await examined(bench, { bot: odd });

    expect(lines).toEqual([
      '· http://gitea.test answers as version latest, which is no version of Gitea or Forgejo',
      '· Gitea does not say what its clock shows',
      expect.stringMatching(/^✗ GITEA_TOKEN is not set/),
    ]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is a Forgejo, by the Gitea that it says it is', async () => {
    await using bench = await SetupBench.start({ version: '11.0.1+gitea-1.22.0' });

    expect((await examined(bench, { repository: null }))[0]).toBe('✓ http://gitea.test is Forgejo 11.0.1+gitea-1.22.0');
  });
});

/** The machine's own, with waits that end when Gitea has sent what it had. */
function clockOf(bench: SetupBench) {
  const clock = new SystemClock();
  const { gitea } = bench;
  return { now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: () => gitea.idle() };
}
