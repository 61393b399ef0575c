import { describe, expect, it } from '@jest/globals';
import { decideStanding } from './decide-standing.js';
import { resolveEntitlementOptions, type EntitlementModuleOptions } from './entitlement.options.js';
import type { Permission } from './entitlement.types.js';
import type { PermissionReading } from './permission-source.port.js';

const found = (permission: Permission, id = 7, login = 'ann'): PermissionReading => ({
  kind: 'found',
  person: { id, login },
  permission,
});

function decide(reading: PermissionReading, given: EntitlementModuleOptions = {}, login = 'ann') {
  return decideStanding(login, reading, resolveEntitlementOptions(given));
}

describe('decideStanding', () => {
  it.each<Permission>(['write', 'admin'])('lets whoever has %s permission', (permission) => {
    expect(decide(found(permission))).toEqual({
      isEntitled: true,
      person: { id: 7, login: 'ann' },
      why: 'ann may write to the repository.',
    });
  });

  it.each<[string, PermissionReading, EntitlementModuleOptions, RegExp]>([
    ['who may read', found('read'), {}, /may not write/],
    ['who may do nothing', found('none'), {}, /may not write/],
    ['whom the tracker does not know', { kind: 'absent' }, {}, /as far as gitea tells the bot, ann may not/i],
    ['who is not on the list of the allowed', found('admin'), { allowedUserIds: [8] }, /not on the list of allowed/],
    ['who is on that list and may not write', found('read'), { allowedUserIds: [7] }, /may not write/],
    ['who is on the list of the blocked', found('admin'), { blockedUserIds: [7] }, /on the list of blocked/],
    ['a ghost', found('admin', -1), {}, /no person/],
    ['the automation of Gitea', found('admin', -2), {}, /no person/],
    ['who has no id', found('admin', 0), {}, /no person/],
    ['the bot itself', found('admin'), { botName: 'ANN' }, /bot itself/],
    ['an account that turns out to be the bot', found('admin', 7, 'Bot'), { botName: 'bot' }, /bot itself/],
    ['anybody by id where there is no token', { kind: 'unknown' }, { allowedUserIds: [7] }, /nobody can tell/],
    ['anybody where there is no token and a block', { kind: 'unknown' }, { blockedUserIds: [8] }, /nobody can tell/],
  ])('does not let %s', (_who, reading, given, why) => {
    expect(decide(reading, given)).toMatchObject({ isEntitled: false, why: expect.stringMatching(why) });
  });

  it('lets whoever is on the list of the allowed and may write', () => {
    expect(decide(found('write'), { allowedUserIds: [7, 9], blockedUserIds: [8] })).toMatchObject({ isEntitled: true });
  });

  it('lets everybody with a name where nothing can be asked, but the bot', () => {
    expect(decide({ kind: 'unknown' })).toMatchObject({ isEntitled: true, person: null });
    expect(decide({ kind: 'unknown' }, {}, 'mosaic')).toMatchObject({ isEntitled: false });
    expect(decide({ kind: 'unknown' }, {}, '')).toMatchObject({ isEntitled: false, why: 'Nobody knows who it was.' });
  });
});

describe('resolveEntitlementOptions', () => {
  it.each<[EntitlementModuleOptions, RegExp]>([
    [{ allowedUserIds: [0] }, /whole numbers from 1, got 0/],
    [{ blockedUserIds: [-2, 1.5] }, /got -2, 1.5/],
    [{ allowedUserIds: [3, 4], blockedUserIds: [4] }, /at once: 4/],
  ])('refuses %j', (given, message) => {
    expect(() => resolveEntitlementOptions(given)).toThrow(message);
    expect(() => resolveEntitlementOptions(given)).toThrow(
      expect.objectContaining({ code: 'ENTITLEMENT_OPTIONS_INVALID' }),
    );
  });
});
