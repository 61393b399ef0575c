import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { describePermissionSource } from '../../test/contracts/permission-source.contract.js';
import { HastyClock } from '../../test/support/hasty-clock.js';
import { FakeGitea, SeededRandomness, type AccessLevel } from '../testing/index.js';
import { GiteaPeopleClient } from './gitea-people-client.js';
import { GiteaPermissions } from './gitea-permissions.js';
import { GiteaModule } from './gitea.module.js';

const USERS = ['bot', 'ann', 'eve', 'acme'];

async function start(given: { readonly bot?: AccessLevel; readonly owner?: string; readonly token?: null } = {}) {
  const gitea = await FakeGitea.start({ users: USERS, rootUrl: 'http://gitea.invalid' });
  const owner = given.owner ?? 'ann';
  const repository = await gitea.createRepository({
    owner,
    name: 'shop',
    collaborators: { bot: given.bot ?? 'write' },
  });
  const module = await Test.createTestingModule({
    imports: [
      GiteaModule.forRoot({
        baseUrl: gitea.url,
        token: given.token === null ? null : gitea.createToken('bot'),
        clock: new HastyClock(15_000),
        randomness: new SeededRandomness(),
      }),
    ],
  }).compile();
  const source = module.get(GiteaPermissions);
  const end = async (): Promise<void> => {
    await module.close();
    await gitea.close();
  };
  return { gitea, repository, source, client: module.get(GiteaPeopleClient), end };
}

describe.each<AccessLevel>(['write', 'admin'])('with a bot that has %s permission', (bot) => {
  describePermissionSource('GiteaPermissions', async () => {
    const { gitea, repository, source, end } = await start({ bot });
    return {
      source,
      repository,
      grant: async (login, permission) => {
        gitea.createUser(login);
        gitea.setAccess(repository, login, permission);
        const { id } = gitea.issue(gitea.openIssue(repository, { title: 'A' }, { by: login })).author;
        return id;
      },
      end,
    };
  });
});

describe('GiteaPermissions', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  async function make(given: Parameters<typeof start>[0] = {}) {
    const world = await start(given);
    endings.push(world.end);
    return world;
  }

  it('knows nothing without a token, and asks nothing', async () => {
    const { gitea, repository, source } = await make({ token: null });

    expect(await source.permissionOf(repository, 'ann')).toEqual({ kind: 'unknown' });
    expect(gitea.requests).toEqual([]);
  });

  it('takes the owner for an administrator where it may ask, and for one who may write where it may not', async () => {
    const asAdmin = await make({ bot: 'admin' });
    const asWriter = await make({ bot: 'write' });

    expect(await asAdmin.source.permissionOf(asAdmin.repository, 'ann')).toMatchObject({ permission: 'admin' });
    expect(await asWriter.source.permissionOf(asWriter.repository, 'ann')).toMatchObject({ permission: 'write' });
  });

  it('knows those who may only read where it may ask, and none of them where it may not', async () => {
    const asAdmin = await make({ bot: 'admin' });
    const asWriter = await make({ bot: 'write' });

    expect(await asAdmin.source.permissionOf(asAdmin.repository, 'eve')).toMatchObject({ permission: 'read' });
    expect(await asWriter.source.permissionOf(asWriter.repository, 'eve')).toEqual({ kind: 'absent' });
  });

  describe('in a repository of an organisation', () => {
    const CODE = { 'repo.code': 'write', 'repo.wiki': 'read' } as const;
    const TRIAGE = { 'repo.issues': 'write', 'repo.code': 'read' } as const;
    const READERS = { 'repo.code': 'read', 'repo.pulls': 'read' } as const;
    const OTHERS = { 'repo.code': 'admin', 'repo.pulls': 'admin' } as const;

    it.each<[string, AccessLevel, Readonly<Record<string, AccessLevel>>, readonly string[], string]>([
      ['who writes code by a team that reads the wiki', 'admin', CODE, ['ann', 'bot'], 'write'],
      ['the same, where the bot may not ask', 'write', CODE, ['ann', 'bot'], 'write'],
      ['the same, where every team writes code', 'write', CODE, ['ann'], 'write'],
      ['the same, where the bot cannot look into the team', 'admin', CODE, ['ann'], 'write'],
      ['who may do everything by a team', 'admin', OTHERS, ['ann'], 'admin'],
      ['who writes issues and reads code by a team', 'admin', TRIAGE, ['ann', 'bot'], 'read'],
      ['the same, where the bot may not ask', 'write', TRIAGE, ['ann', 'bot'], 'read'],
      ['who reads pull requests by a team', 'admin', READERS, ['ann', 'bot'], 'read'],
      ['the same, where the bot may not ask', 'write', READERS, ['ann', 'bot'], 'read'],
    ])('says of one %s, the bot having %s permission', async (_who, bot, units, members, permission) => {
      const { gitea, repository, source } = await make({ owner: 'acme', bot });
      gitea.createTeam('acme', { name: 'them', units, members });

      expect(await source.permissionOf(repository, 'ann')).toMatchObject({ kind: 'found', permission });
    });

    it('believes the list alone only where nobody can be on it without writing code', async () => {
      const { gitea, repository, source } = await make({ owner: 'acme', bot: 'write' });
      gitea.createTeam('acme', { name: 'code', units: CODE, members: ['ann'] });
      expect(await source.permissionOf(repository, 'ann')).toMatchObject({ permission: 'write' });

      gitea.createTeam('acme', { name: 'triage', units: TRIAGE, members: ['eve'] });

      // The bot may look into neither team, so ann could as well be in the other one.
      expect(await source.permissionOf(repository, 'eve')).toMatchObject({ permission: 'read' });
      expect(await source.permissionOf(repository, 'ann')).toMatchObject({ permission: 'read' });
    });

    it('looks into the teams that it is in', async () => {
      const { gitea, repository, source } = await make({ owner: 'acme', bot: 'write' });
      gitea.createTeam('acme', { name: 'triage', units: TRIAGE, members: ['eve'] });
      gitea.createTeam('acme', { name: 'code', units: CODE, members: ['ann', 'bot'] });

      expect(await source.permissionOf(repository, 'ann')).toMatchObject({ permission: 'write' });
      expect(await source.permissionOf(repository, 'eve')).toMatchObject({ permission: 'read' });
    });

    it('does not take a collaborator who may read for one who may write', async () => {
      const { gitea, repository, source } = await make({ owner: 'acme', bot: 'admin' });
      gitea.createTeam('acme', { name: 'code', units: CODE, members: ['ann', 'bot'] });
      gitea.setAccess(repository, 'eve', 'read');

      expect(await source.permissionOf(repository, 'eve')).toMatchObject({ permission: 'read' });
    });
  });

  it.each(['permission', 'assignees', 'teams', 'members'])('says nothing where Gitea fails at %s', async (part) => {
    const { gitea, repository, source } = await make({ owner: 'acme', bot: 'write' });
    gitea.createTeam('acme', { name: 'triage', units: { 'repo.issues': 'write' }, members: ['eve'] });
    gitea.createTeam('acme', { name: 'code', units: { 'repo.code': 'write' }, members: ['ann', 'bot'] });
    gitea.faults.add({ path: new RegExp(`/${part}(/|$)`), kind: 'status', status: 500, times: 100 });

    await expect(source.permissionOf(repository, 'ann')).rejects.toMatchObject({ code: 'GITEA_REQUEST_FAILED' });
  });

  it('does not let a list say more than Gitea, where no organisation owns the repository', async () => {
    const { gitea, repository, source } = await make({ bot: 'admin' });
    const body = { permission: 'read', user: { id: 2, login: 'ann' } };
    gitea.faults.add({ path: /permission$/, kind: 'pretend', status: 200, body });

    expect(await source.permissionOf(repository, 'ann')).toMatchObject({ permission: 'read' });
  });

  it.each(['..', 'a/b', ''])('sends nothing for the login %j', async (login) => {
    const { gitea, repository, client } = await make();

    await expect(client.permission(repository, login)).rejects.toMatchObject({ code: 'GITEA_NAME_INVALID' });
    expect(gitea.requests).toEqual([]);
  });

  it('says nothing where the token is not known', async () => {
    const { gitea, repository, source } = await make();
    gitea.faults.add({ path: /permission$/, kind: 'status', status: 401, times: 1 });

    await expect(source.permissionOf(repository, 'ann')).rejects.toMatchObject({ code: 'GITEA_AUTH_REFUSED' });
  });

  it.each([
    { permission: 'root', user: { id: 1, login: 'ann' } },
    { permission: 'write', user: null },
    { user: { id: 1, login: 'ann' } },
  ])('does not believe %j', async (body) => {
    const { gitea, repository, source } = await make({ bot: 'admin' });
    gitea.faults.add({ path: /permission$/, kind: 'pretend', status: 200, body, times: 1 });

    await expect(source.permissionOf(repository, 'ann')).rejects.toMatchObject({ code: 'GITEA_ANSWER_INVALID' });
  });
});
