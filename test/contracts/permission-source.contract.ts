import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Permission, PermissionSource } from '../../src/entitlement/index.js';

/** A source, and how to make of the world what it is asked about. */
export interface PermissionWorld {
  readonly source: PermissionSource;
  readonly repository: { readonly owner: string; readonly repo: string };
  /** What an account of the test is called, where the name alone may be somebody else's. @default the name */
  loginOf?(name: string): string;
  /** Lets somebody do so much with the repository, and makes the account if there is none. Resolves with its id. */
  grant(login: string, permission: Permission): Promise<number>;
  end(): Promise<void>;
}

/** What every PermissionSource must do. Call it once for each implementation. */
export function describePermissionSource(name: string, make: () => Promise<PermissionWorld>): void {
  describe(`${name}, as a PermissionSource`, () => {
    let world: PermissionWorld;
    let wanda: string;

    beforeEach(async () => {
      world = await make();
      wanda = loginOf('wanda');
    });

    const loginOf = (name: string): string => world.loginOf?.(name) ?? name;

    afterEach(() => world.end());

    it.each<Permission>(['write', 'admin'])('knows who has %s permission, and the id', async (permission) => {
      const id = await world.grant(wanda, permission);
      // Not everybody is told that somebody is an administrator.
      const writing = expect.stringMatching(permission === 'write' ? /^write$/ : /^(write|admin)$/);

      expect(await world.source.permissionOf(world.repository, wanda)).toEqual({
        kind: 'found',
        person: { id, login: wanda },
        permission: writing,
      });
    });

    it('does not say of who may only read that they may write', async () => {
      const rose = loginOf('rose');
      await world.grant(rose, 'read');

      const reading = await world.source.permissionOf(world.repository, rose);

      expect(reading).not.toMatchObject({ permission: expect.stringMatching(/write|admin/) });
    });

    it('minds no case', async () => {
      await world.grant(wanda, 'write');
      const { owner, repo } = world.repository;

      const reading = await world.source.permissionOf(
        { owner: owner.toUpperCase(), repo: repo.toUpperCase() },
        wanda.toUpperCase(),
      );

      expect(reading).toMatchObject({ kind: 'found', person: { login: wanda }, permission: 'write' });
    });

    it('notices when a permission is taken away', async () => {
      await world.grant(wanda, 'write');
      await world.source.permissionOf(world.repository, wanda);
      await world.grant(wanda, 'none');

      expect(await world.source.permissionOf(world.repository, wanda)).not.toMatchObject({ permission: 'write' });
    });

    it.each(['nobody', '..', 'a/b', ''])('knows no account %j', async (login) => {
      const asked = login === 'nobody' ? loginOf(login) : login;

      expect(await world.source.permissionOf(world.repository, asked)).toEqual({ kind: 'absent' });
    });
  });
}
