import { describe, expect, it, jest } from '@jest/globals';

import { BOT, OWNER, SHOP, SetupBench } from '../../test/support/setup-bench.js';
import { InvalidGiteaNameError } from './gitea.errors.js';

jest.setTimeout(60_000);

const OF_SHOP = { kind: 'repository', repository: SHOP } as const;
const DRAFT = { url: 'http://coordinator.test/webhook/gitea', secret: 'whsec-5fb1b1d2c0a94e7e' };

describe('GiteaHooksClient', () => {
  it('makes hooks that are active, in JSON, of all pages, and tells no secret', async () => {
    await using bench = await SetupBench.start();
    const { hooks } = await bench.as(OWNER);
    for (let count = 0; count < 60; count += 1) await hooks.createHook(OF_SHOP, { ...DRAFT, events: ['issues_only'] });

    const listed = await hooks.hooks(OF_SHOP);

    expect(listed).toHaveLength(60);
    expect(listed[0]).toEqual({
      id: expect.any(Number),
      url: DRAFT.url,
      contentType: 'json',
      events: ['issues'],
      isActive: true,
    });
    expect(JSON.stringify(listed)).not.toContain(DRAFT.secret);
  });

  it('deletes a hook that is gone already without a fault, and passes on every other refusal', async () => {
    await using bench = await SetupBench.start();
    const { hooks } = await bench.as(OWNER);
    const { id } = await hooks.createHook(OF_SHOP, { ...DRAFT, events: ['push'] });

    await hooks.deleteHook(OF_SHOP, id);
    await hooks.deleteHook(OF_SHOP, id);

    expect(await hooks.hooks(OF_SHOP)).toEqual([]);
    await expect((await bench.as(BOT)).hooks.deleteHook(OF_SHOP, id)).rejects.toMatchObject({ status: 403 });
    bench.gitea.faults.add({ method: 'DELETE', path: /\/hooks\//, kind: 'status', status: 423 });
    await expect(hooks.deleteHook(OF_SHOP, id)).rejects.toMatchObject({ status: 423 });
  });

  it('asks of no organization whose name could be something else', async () => {
    await using bench = await SetupBench.start();
    const { hooks } = await bench.as(OWNER);

    await expect(hooks.hooks({ kind: 'organization', name: '../admin' })).rejects.toThrow(InvalidGiteaNameError);
    expect(bench.gitea.requests).toEqual([]);
  });

  it('takes a hook without a config for one without an address', async () => {
    await using bench = await SetupBench.start();
    const { hooks } = await bench.as(OWNER);
    const body = [{ id: 7, config: null, events: null, active: null }];
    bench.gitea.faults.add({ path: /\/hooks$/, kind: 'pretend', status: 200, body });

    expect((await hooks.hooks(OF_SHOP))[0]).toEqual({ id: 7, url: '', contentType: '', events: [], isActive: false });
  });
});

describe('GiteaFilesClient', () => {
  it('reads files as they are on a branch, and knows what is none', async () => {
    await using bench = await SetupBench.start({ files: { 'docs/größe.md': 'Größe\n', 'a b.txt': 'x' } });
    await bench.gitea.commit(SHOP, { branch: 'other', files: { 'a b.txt': 'y' } }, { by: OWNER });
    const { files } = await bench.as(BOT);

    expect(await files.fileText(SHOP, 'docs/größe.md')).toBe('Größe\n');
    expect(await files.fileText(SHOP, 'a b.txt')).toBe('x');
    expect(await files.fileText(SHOP, 'a b.txt', 'other')).toBe('y');
    expect(await files.fileText(SHOP, 'missing.md')).toBeNull();
    expect([await files.hasBranch(SHOP, 'other'), await files.hasBranch(SHOP, 'another/one')]).toEqual([true, false]);
    bench.gitea.faults.add({ path: /contents\/docs$/, kind: 'pretend', status: 200, body: [{ type: 'file' }] });
    expect(await files.fileText(SHOP, 'docs')).toBeNull();
  });

  it.each(['../other', 'a//b', '', './a'])('reads nothing outside of the repository: %j', async (path) => {
    await using bench = await SetupBench.start();

    await expect((await bench.as(BOT)).files.fileText(SHOP, path)).rejects.toThrow(InvalidGiteaNameError);
  });

  it('commits a file on a branch of its own, once', async () => {
    await using bench = await SetupBench.start();
    const { files, client } = await bench.as(BOT);
    const file = { path: 'new.txt', content: 'Größe\n', message: 'Add', baseBranch: 'main', newBranch: 'side/one' };

    await files.createFile(SHOP, file);

    expect(await files.fileText(SHOP, 'new.txt', 'side/one')).toBe('Größe\n');
    expect(await files.fileText(SHOP, 'new.txt')).toBeNull();
    await expect(files.createFile(SHOP, file)).rejects.toMatchObject({ status: 422 });
    expect(await files.pullRequestBetween(SHOP, 'main', 'side/one')).toBeNull();
    const draft = { headBranch: 'side/one', baseBranch: 'main', title: 'Add', body: '' };
    const { number } = await client.createPullRequest(SHOP, draft);
    expect(await files.pullRequestBetween(SHOP, 'main', 'side/one')).toMatchObject({ number, state: 'open' });
  });
});

describe('GiteaAccessClient', () => {
  it('finds out what a token may write, and writes nothing', async () => {
    await using bench = await SetupBench.start();
    const [whole, reader] = [await bench.as(BOT), await bench.as(BOT, ['read:issue', 'read:repository'])];

    await whole.access.tryWritingCode(SHOP);
    await whole.access.tryWritingIssues(SHOP);

    await expect(reader.access.tryWritingCode(SHOP)).rejects.toThrow('required=[write:repository]');
    await expect(reader.access.tryWritingIssues(SHOP)).rejects.toThrow('required=[write:issue]');
    expect(await whole.client.labels(SHOP)).toEqual([]);
    expect(await whole.access.standing(SHOP)).toMatchObject({ mayWrite: true, mayAdminister: false, isEmpty: false });
    expect(bench.gitea.requests.filter(({ method }) => method === 'POST').map(({ status }) => status)).toEqual([
      422, 422, 403, 403,
    ]);
  });

  it('takes what Gitea leaves out for what is not allowed', async () => {
    await using bench = await SetupBench.start();
    const body = { owner: { id: 1, login: 'ada' }, name: 'shop', permissions: null, internal_tracker: null };
    bench.gitea.faults.add({ path: /\/repos\/ada\/shop$/, kind: 'pretend', status: 200, body });

    expect(await (await bench.as(BOT)).access.standing(SHOP)).toEqual({
      owner: 'ada',
      name: 'shop',
      defaultBranch: null,
      isEmpty: false,
      isArchived: false,
      hasIssues: false,
      hasPullRequests: false,
      hasDependencies: false,
      mayWrite: false,
      mayAdminister: false,
    });
  });
});
