import type { Permission, Person, Repository } from './entitlement.types.js';

/** *absent*: no such account. *unknown*: the tracker cannot be asked at all, as there is no token. */
export type PermissionReading =
  | { readonly kind: 'found'; readonly person: Person; readonly permission: Permission }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

/** Knows what people may do with a repository at this moment. Throws a coded error when it gets no answer. */
export interface PermissionSource {
  permissionOf(repository: Repository, login: string): Promise<PermissionReading>;
}

/** The default: nothing can be asked. */
export const UNKNOWN_PERMISSIONS: PermissionSource = { permissionOf: async () => ({ kind: 'unknown' }) };
