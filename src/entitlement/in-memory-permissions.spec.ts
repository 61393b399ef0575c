import { describePermissionSource } from '../../test/contracts/permission-source.contract.js';
import { InMemoryPermissions } from './in-memory-permissions.js';

describePermissionSource('InMemoryPermissions', async () => {
  const source = new InMemoryPermissions();
  const repository = { owner: 'acme', repo: 'shop' };
  return {
    source,
    repository,
    grant: async (login, permission) => {
      source.grant(repository, { id: 7, login }, permission);
      return 7;
    },
    end: async () => undefined,
  };
});
