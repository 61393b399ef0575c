import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { FakeClock } from '../testing/index.js';
import { EntitlementModule } from './entitlement.module.js';
import { EntitlementService } from './entitlement.service.js';
import { InMemoryPermissions } from './in-memory-permissions.js';
import { UNKNOWN_STARTS } from './start-source.port.js';
import type { PermissionReading, PermissionSource } from './permission-source.port.js';

const SHOP = { owner: 'acme', repo: 'shop' };
const ANN = { id: 7, login: 'ann' };

/** Remembers what it was asked, and can be kept from answering. */
class WatchedPermissions implements PermissionSource {
  readonly asked: string[] = [];
  private readonly permissions = new InMemoryPermissions();
  failure: Error | null = null;
  pause: Promise<void> = Promise.resolve();

  constructor() {
    this.permissions.grant(SHOP, ANN, 'write');
  }

  revoke(): void {
    this.permissions.grant(SHOP, ANN, 'read');
  }

  async permissionOf(repository: typeof SHOP, login: string): Promise<PermissionReading> {
    this.asked.push(`${repository.repo} ${login}`);
    await this.pause;
    if (this.failure !== null) throw this.failure;
    return this.permissions.permissionOf(repository, login);
  }
}

function make() {
  const permissions = new WatchedPermissions();
  const clock = new FakeClock();
  return { permissions, clock, service: EntitlementService.alone({ permissions, clock }) };
}

describe('EntitlementService', () => {
  it('says who is entitled and who is not', async () => {
    const { service } = make();

    expect(await service.standingOf(SHOP, 'ann')).toMatchObject({ isEntitled: true, person: ANN });
    expect(await service.standingOf(SHOP, 'eve')).toMatchObject({ isEntitled: false, person: null });
    expect(await service.standingOf({ ...SHOP, repo: 'other' }, 'ann')).toMatchObject({ isEntitled: false });
  });

  it('asks again after a minute, and no sooner', async () => {
    const { service, permissions, clock } = make();
    await service.standingOf(SHOP, 'ann');
    permissions.revoke();

    clock.advance(59_999);
    expect(await service.standingOf({ owner: 'ACME', repo: 'Shop' }, 'ANN')).toMatchObject({ isEntitled: true });
    clock.advance(1);
    expect(await service.standingOf(SHOP, 'ann')).toMatchObject({ isEntitled: false });
    expect(permissions.asked).toEqual(['shop ann', 'shop ann']);
  });

  it('counts the minute from the question, not from the answer', async () => {
    const { service, permissions, clock } = make();
    let answer = (): void => undefined;
    permissions.pause = new Promise((resolve) => (answer = resolve));
    const slow = service.standingOf(SHOP, 'ann');
    clock.advance(60_000);
    answer();
    await slow;

    await service.standingOf(SHOP, 'ann');

    expect(permissions.asked).toHaveLength(2);
  });

  it('asks once for many who ask the same at a time', async () => {
    const { service, permissions } = make();

    const standings = await Promise.all(Array.from({ length: 20 }, () => service.standingOf(SHOP, 'ann')));

    expect(standings.every(({ isEntitled }) => isEntitled)).toBe(true);
    expect(permissions.asked).toEqual(['shop ann']);
  });

  it('says neither yes nor no where it gets no answer, and asks again at once', async () => {
    const { service, permissions } = make();
    permissions.failure = new Error('connection refused');

    await expect(service.standingOf(SHOP, 'ann')).rejects.toMatchObject({
      code: 'ENTITLEMENT_UNKNOWN',
      message: expect.stringMatching(/ann .*acme\/shop.*connection refused/),
    });
    permissions.failure = null;
    expect(await service.standingOf(SHOP, 'ann')).toMatchObject({ isEntitled: true });
    expect(permissions.asked).toHaveLength(2);
  });

  it('does not fall back on an old yes when it gets no answer', async () => {
    const { service, permissions, clock } = make();
    await service.standingOf(SHOP, 'ann');
    clock.advance(60_000);
    permissions.failure = new Error('bad gateway');

    await expect(service.standingOf(SHOP, 'ann')).rejects.toMatchObject({ code: 'ENTITLEMENT_UNKNOWN' });
  });

  it('keeps no more than a thousand answers, and forgets the oldest first', async () => {
    const { service, permissions } = make();
    for (let number = 0; number <= 1_000; number += 1) await service.standingOf(SHOP, `user-${number}`);
    permissions.asked.length = 0;

    await service.standingOf(SHOP, 'user-1');
    await service.standingOf(SHOP, 'user-0');

    expect(permissions.asked).toEqual(['shop user-0']);
  });

  it('counts everybody where nothing can be asked', async () => {
    expect(await EntitlementService.alone().standingOf(SHOP, 'eve')).toMatchObject({ isEntitled: true });
  });

  it('knows no starts where nothing can be asked', async () => {
    expect(UNKNOWN_STARTS.canTell).toBe(false);
    expect(await UNKNOWN_STARTS.startsAfter({ ...SHOP, number: 1 }, { id: 0, at: null })).toBeNull();
    expect(await UNKNOWN_STARTS.labelRemoverOf({ ...SHOP, number: 1 }, 'bug', null)).toBeNull();
  });

  it('is given by its module', async () => {
    const module = await Test.createTestingModule({
      imports: [EntitlementModule.forRoot({ allowedUserIds: [8], permissions: new WatchedPermissions() })],
    }).compile();

    const standing = await module.get(EntitlementService).standingOf(SHOP, 'ann');
    await module.close();

    expect(standing.why).toBe('ann is not on the list of allowed accounts.');
  });
});
