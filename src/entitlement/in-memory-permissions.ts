import { repositoryKey } from '../kernel/index.js';
import type { Permission, Person, Repository } from './entitlement.types.js';
import type { PermissionReading, PermissionSource } from './permission-source.port.js';

/** Permissions within this process: for tests, and for hosts that know their people otherwise. Names ignore case. */
export class InMemoryPermissions implements PermissionSource {
  private readonly people = new Map<string, Person>();
  private readonly granted = new Map<string, Permission>();

  /** Lets somebody do so much with the repository. They keep their id, wherever else they are named. */
  grant(repository: Repository, person: Person, permission: Permission): void {
    this.people.set(person.login.toLowerCase(), person);
    this.granted.set(keyOf(repository, person.login), permission);
  }

  async permissionOf(repository: Repository, login: string): Promise<PermissionReading> {
    const person = this.people.get(login.toLowerCase());
    if (person === undefined) return { kind: 'absent' };
    return { kind: 'found', person, permission: this.granted.get(keyOf(repository, login)) ?? 'none' };
  }
}

function keyOf(repository: Repository, login: string): string {
  return `${repositoryKey(repository)} ${login.toLowerCase()}`;
}
