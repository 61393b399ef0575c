import { describe, expect, it, jest } from '@jest/globals';

import { BOT, OWNER, SECRET, SHOP, SetupBench } from '../../test/support/setup-bench.js';
import { CONFIGURATION_PATH, parseRepositoryConfiguration } from '../quality-gates/index.js';
import { PROPOSAL_BRANCH } from './ensure-proposal.js';
import { initialize, type Initialization } from './initialize.js';
import { HOOK_EVENTS } from './plan-hook.js';
import type { SetupGitea } from './setup.types.js';

jest.setTimeout(60_000);

const LABELS = ['mosaic/running', 'mosaic/completed'].map((name) => ({ name, color: '#1d76db', description: '' }));
const NEW_SECRET = 'whsec-7ad0c3fe99120b44';

interface Run extends Partial<Initialization> {
  readonly bot?: SetupGitea;
  readonly administrator?: SetupGitea;
}

/** What is reported of one run, from the first step on that concerns the repository. */
async function run(bench: SetupBench, { bot, administrator, ...wanted }: Run = {}): Promise<readonly string[]> {
  bench.lines.length = 0;
  const isWell = await initialize(
    bot ?? (await bench.as(BOT)),
    administrator ?? (await bench.as(OWNER)),
    {
      place: { kind: 'repository', repository: SHOP },
      url: wanted.url ?? bench.url,
      isRotating: false,
      isDryRun: false,
      giteaUrl: bench.gitea.url,
      botName: BOT,
      secrets: [SECRET],
      labels: LABELS,
      service: wanted.service ?? bench.service,
      clock: bench.clock,
      ...wanted,
    },
    bench.report,
  );
  expect(isWell).toBe(!bench.lines.some((line) => line.startsWith('✗')));
  return bench.lines;
}

/** What was written by the REST interface, tries that Gitea refuses left out. */
function writes(bench: SetupBench): readonly string[] {
  return bench.gitea.requests
    .filter(({ method, status }) => method !== 'GET' && status < 400)
    .map(({ method, path }) => `${method} ${path.replace(/\/\d+/g, '/n')}`);
}

describe('mosaic-coordinator init', () => {
  it('makes webhook, labels and a proposal, and finds them there the next time', async () => {
    await using bench = await SetupBench.start();

    const first = [...(await run(bench))];
    const written = writes(bench);
    const second = await run(bench);

    expect(first.slice(2)).toEqual([
      '✓ ada/shop is there, with the default branch main',
      '✓ The bot may push to ada/shop',
      '✓ The bot may write to issues of ada/shop',
      `+ The webhook of ada/shop to ${bench.url} was made`,
      '✓ A test of the webhook of ada/shop arrived',
      '+ Labels were made in ada/shop: mosaic/running, mosaic/completed',
      '+ .mosaic/coordinator.yml was proposed to ada/shop in #1',
    ]);
    expect(second.slice(5)).toEqual([
      `✓ The webhook of ada/shop goes to ${bench.url}`,
      '✓ A test of the webhook of ada/shop arrived',
      '✓ ada/shop has the 2 labels of the coordinator',
      '✓ .mosaic/coordinator.yml is proposed to ada/shop in #1',
    ]);
    const tests = writes(bench).filter((call) => !call.endsWith('/tests'));
    expect(tests).toEqual(written.filter((call) => !call.endsWith('/tests')));
    expect(await bench.hooks()).toEqual([
      expect.objectContaining({ url: bench.url, contentType: 'json', isActive: true }),
    ]);
  });

  it('makes a webhook that hears of everything that is worked with', async () => {
    await using bench = await SetupBench.start();
    await run(bench);

    const [hook] = await bench.hooks();

    expect(HOOK_EVENTS).toContain('push');
    expect(hook?.events).toEqual(
      expect.arrayContaining(['issues', 'issue_assign', 'issue_label', 'issue_comment', 'pull_request', 'push']),
    );
    expect(bench.gitea.deliveries[0]).toMatchObject({ event: 'push', status: 200 });
  });

  it('writes nothing in a dry run, and says what it would', async () => {
    await using bench = await SetupBench.start();

    const lines = await run(bench, { isDryRun: true });

    expect(lines.filter((line) => line.startsWith('~'))).toEqual([
      `~ A webhook of ada/shop to ${bench.url} would be made`,
      '~ Labels would be made in ada/shop: mosaic/running, mosaic/completed',
      '~ .mosaic/coordinator.yml would be proposed to ada/shop as a pull request',
    ]);
    expect(writes(bench)).toEqual([]);
  });

  it('proposes a file that changes nothing as it is, and means what it shows without the comment signs', async () => {
    const manifest = { scripts: { test: 'node --test', build: 'node build.js' } };
    await using bench = await SetupBench.start({ files: { 'package.json': JSON.stringify(manifest) } });
    await run(bench);

    const text = (await bench.gitea.readFile(SHOP, PROPOSAL_BRANCH, CONFIGURATION_PATH)) ?? '';
    const shown = withoutProse(text.replace(/^# ?/gm, ''));

    expect(parseRepositoryConfiguration(text, CONFIGURATION_PATH, 1_000).gates).toBeNull();
    const { gates, limits } = parseRepositoryConfiguration(shown, CONFIGURATION_PATH, 1_000);
    expect(gates?.map(({ name }) => name)).toEqual(['build', 'test', 'coverage']);
    expect(limits).toEqual({ rejections: 3, tokens: null, usd: 5, minutes: 90 });
  });

  it('proposes nothing again once a person has closed the proposal', async () => {
    await using bench = await SetupBench.start();
    await run(bench);
    bench.gitea.closeIssue({ ...SHOP, number: 1 }, { by: OWNER });

    const lines = await run(bench);

    expect(lines.at(-1)).toBe('✓ .mosaic/coordinator.yml was proposed to ada/shop in #1, which is closed');
    expect(bench.gitea.issues(SHOP)).toHaveLength(1);
  });

  it('proposes nothing where there is a file, and names its mistakes', async () => {
    await using bench = await SetupBench.start({ files: { [CONFIGURATION_PATH]: 'gatez: {}\n' } });

    const lines = await run(bench);

    expect(lines.at(-1)).toMatch(/^✗ .*gatez.* Mend it on the default branch/);
    expect(bench.gitea.issues(SHOP)).toEqual([]);
  });

  it('leaves an empty repository without a proposal, and says what is missing', async () => {
    await using bench = await SetupBench.start({ files: {} });

    const lines = await run(bench);

    expect(lines).toContain('✗ ada/shop is empty. Push a first commit: an agent begins at the default branch');
    expect(lines).toContain('· Gitea sends no test while ada/shop is empty. Push a first commit');
    expect(lines.at(-1)).toBe('· ada/shop is empty: no .mosaic/coordinator.yml is proposed');
  });
});

describe('the webhook of init', () => {
  it.each([
    ['is not active', { active: false, events: ['issues', 'pull_request', 'push'] }, 'it is not active'],
    ['hears of too little', { active: true, events: ['issues'] }, 'it does not hear of pull_request'],
  ])('replaces one that %s', async (_name, given, because) => {
    await using bench = await SetupBench.start();
    const id = await bench.createHook(given);

    const lines = await run(bench);

    expect(lines.find((line) => line.startsWith('+ The webhook'))).toContain(`was replaced, for ${because}`);
    expect((await bench.hooks()).map((hook) => hook.id)).not.toContain(id);
    expect(await bench.hooks()).toHaveLength(1);
  });

  it('leaves one of several that go to the same address, and none that goes elsewhere', async () => {
    await using bench = await SetupBench.start();
    const events = [...HOOK_EVENTS];
    for (const url of [bench.url, `${bench.url}/`, 'http://elsewhere.test/hook']) {
      bench.gitea.createHook(SHOP, { url, secret: SECRET, events });
    }

    const lines = await run(bench);

    expect(lines).toContain(`+ Of 2 webhooks of ada/shop to ${bench.url} one is left`);
    expect((await bench.hooks()).map(({ url }) => url)).toEqual([`${bench.url}/`, 'http://elsewhere.test/hook']);
  });

  it.each(['done-but-timed-out', 'truncated'] as const)('is made once though the answer is lost: %s', async (kind) => {
    await using bench = await SetupBench.start();
    for (const path of [/\/hooks$/, /\/labels$/, /\/contents\//, /\/pulls$/]) {
      bench.gitea.faults.add({ method: 'POST', path, skip: path.source.includes('labels') ? 1 : 0, times: 1, kind });
    }

    const lines = await run(bench);

    expect(lines.filter((line) => line.startsWith('+'))).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([]);
    expect(await bench.hooks()).toHaveLength(1);
    const labels = await (await bench.as(OWNER)).client.labels(SHOP);
    expect(labels.map(({ name }) => name).sort()).toEqual(LABELS.map(({ name }) => name).sort());
    expect(bench.gitea.issues(SHOP)).toHaveLength(1);
  });

  it('gets a new secret by a new webhook, and the old one goes when the new one is there', async () => {
    await using bench = await SetupBench.start();
    await run(bench);
    const [before] = await bench.hooks();
    bench.receiver.secrets = [NEW_SECRET, SECRET];

    const lines = await run(bench, { isRotating: true, secrets: [NEW_SECRET, SECRET] });

    expect(lines).toContain(`+ The webhook of ada/shop to ${bench.url} was replaced, for its secret is to be replaced`);
    const [after, ...more] = await bench.hooks();
    expect([after?.url, more]).toEqual([before?.url, []]);
    expect(after?.id).toBeGreaterThan(Number(before?.id));
    const order = writes(bench).filter((call) => /hooks(\/n)?$/.test(call));
    expect(order.slice(-2)).toEqual(['POST /api/v1/repos/ada/shop/hooks', 'DELETE /api/v1/repos/ada/shop/hooks/n']);
  });

  it('keeps the old secret while the service does not know the new one', async () => {
    await using bench = await SetupBench.start();
    await run(bench);
    const before = await bench.hooks();

    const lines = await run(bench, { isRotating: true, secrets: [NEW_SECRET, SECRET] });

    expect(lines).toContain(
      '✗ The service does not take the new secret yet: the webhook of ada/shop keeps its old one. Restart the service with both in GITEA_WEBHOOK_SECRET, and run this again',
    );
    expect(await bench.hooks()).toEqual(before);
  });

  it('gets no new secret while the service would have only one', async () => {
    await using bench = await SetupBench.start();
    await run(bench);
    const before = await bench.hooks();

    const lines = await run(bench, { isRotating: true });

    expect(lines.join('\n')).toContain('✗ GITEA_WEBHOOK_SECRET holds one secret');
    expect(await bench.hooks()).toEqual(before);
  });

  it('says what to do where Gitea may not send to it', async () => {
    await using bench = await SetupBench.start({ allowedHosts: 'external' });

    const lines = await run(bench);

    expect(lines.join('\n')).toMatch(
      /✗ A test of the webhook of ada\/shop did not arrive .* ALLOWED_HOST_LIST = private/,
    );
    expect(bench.gitea.deliveries.at(-1)?.failure).toContain('ALLOWED_HOST_LIST');
  });

  it('needs an administrator, and says so', async () => {
    await using bench = await SetupBench.start();

    const lines = await run(bench, { administrator: await bench.as(BOT) });

    expect(lines.join('\n')).toMatch(
      /✗ The webhook of ada\/shop cannot be set up: .*admin write.* Set GITEA_SETUP_TOKEN to a token of somebody/,
    );
    expect(lines.at(-1)).toContain('was proposed');
  });

  it('is made for an organization, and for the whole site', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createUser('root', { isAdmin: true });
    const root = await bench.as('root');

    const ofOwner = [...(await run(bench, { place: { kind: 'organization', name: OWNER } }))];
    const ofSite = [...(await run(bench, { place: { kind: 'system' }, administrator: root }))];
    const again = await run(bench, { place: { kind: 'system' }, administrator: root });

    expect(ofOwner).toContain(`+ The webhook of the organization ada to ${bench.url} was made`);
    expect(ofSite).toContain(`+ The webhook of the whole site to ${bench.url} was made`);
    expect(again).toContain(`✓ The webhook of the whole site goes to ${bench.url}`);
    expect(again.at(-1)).toMatch(
      /^· Labels are made in each repository when they are first needed; run this with --repo/,
    );
    bench.gitea.openIssue(SHOP, { title: 'Both hear of it' }, { by: OWNER });
    await bench.gitea.idle();
    expect(bench.gitea.deliveries.map(({ event, status }) => [event, status])).toEqual([
      ['issues', 200],
      ['issues', 200],
    ]);
  });
});

describe('a webhook of the whole site', () => {
  it.each([
    ['1.22.6', '· Gitea of this version may have made a template'],
    ['11.0.1+gitea-1.22.0', '· Forgejo of this version may have made a template'],
  ])('is to be looked at where it is %s that made it', async (version, expected) => {
    await using bench = await SetupBench.start({ version });
    bench.gitea.createUser('root', { isAdmin: true });

    const lines = await run(bench, { place: { kind: 'system' }, administrator: await bench.as('root') });

    expect(lines.at(-2)).toContain(expected);
  });
});

describe('a webhook that Gitea makes and does not list', () => {
  it('is one that a person must make', async () => {
    await using bench = await SetupBench.start();
    bench.gitea.createUser('root', { isAdmin: true });
    bench.gitea.faults.add({
      method: 'GET',
      path: /\/admin\/hooks$/,
      times: 99,
      kind: 'pretend',
      status: 200,
      body: [],
    });

    const lines = await run(bench, { place: { kind: 'system' }, administrator: await bench.as('root') });

    expect(lines).toContain(
      '✗ Gitea made a webhook of the whole site and does not list it. Make it in the site administration, under Webhooks, System webhooks',
    );
  });
});

describe('init stops', () => {
  it.each([
    ['without a token', async (bench: SetupBench) => bench.as(null), /✗ GITEA_TOKEN is not set/],
    [
      'with an unknown one',
      async (bench: SetupBench) => bench.with('unknown'),
      /✗ .* Gitea does not know the token in GITEA_TOKEN/,
    ],
    [
      'with one of somebody else',
      async (bench: SetupBench) => bench.as(OWNER),
      /✗ The token is of ada, and GITEA_BOT_NAME names mosaic. Set GITEA_BOT_NAME=ada/,
    ],
    [
      'with one that may not say whose it is',
      async (bench: SetupBench) => bench.as(BOT, ['write:issue']),
      /✗ .* lacks the scope read:user and has write:issue/,
    ],
  ])('%s', async (_name, bot, expected) => {
    await using bench = await SetupBench.start();

    const lines = await run(bench, { bot: await bot(bench) });

    expect(lines.length).toBeLessThan(3);
    expect(lines.at(-1)).toMatch(expected);
    expect(writes(bench)).toEqual([]);
  });

  it('at a Gitea that is too old, and where there is none', async () => {
    await using old = await SetupBench.start({ version: '1.19.4' });
    await using none = await SetupBench.start();

    expect(await run(old)).toEqual([
      expect.stringMatching(/^✗ .* is Gitea 1\.19\.4\. Gitea 1\.20 and Forgejo 7 are the oldest/),
    ]);
    const away = await none.with('token', 'GITEA_TOKEN', none.receiver.address);
    const url = none.url;
    const { service } = none;
    await none.receiver.stop();
    expect(await run(none, { bot: away, url, service })).toEqual([
      expect.stringMatching(/^✗ Nothing can be asked of http.* Look whether GITEA_URL/),
    ]);
  });

  it.each([
    [
      'write:issue',
      ['read:user', 'write:issue', 'read:repository'],
      '✗ The bot may not push to ada/shop',
      'write:repository',
    ],
    [
      'write:repository',
      ['read:user', 'read:issue', 'write:repository'],
      '✗ The bot may not write to issues',
      'write:issue',
    ],
  ])('at nothing but the steps that a token with %s alone cannot do', async (_name, scopes, cannot, lacks) => {
    await using bench = await SetupBench.start();

    const lines = await run(bench, { bot: await bench.as(BOT, scopes) });

    expect(lines.find((line) => line.startsWith(cannot))).toContain(`lacks the scope ${lacks}`);
    expect(lines.join('\n')).toContain('+ The webhook of ada/shop');
  });

  it('at a repository that the bot may only read', async () => {
    await using bench = await SetupBench.start({ access: 'read' });

    const lines = await run(bench);

    expect(lines.join('\n')).toMatch(/✗ The bot may not push to ada\/shop: .*write to a repo\. Give the account/);
  });
});

/** The lines of the file that are settings, and not sentences about them. */
function withoutProse(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^(?:gates|base|prompt|limits):|^ {2}/.test(line))
    .join('\n');
}
