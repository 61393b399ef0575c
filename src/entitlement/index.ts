export { EntitlementUnknownError, InvalidEntitlementOptionsError } from './entitlement.errors.js';
export { EntitlementModule } from './entitlement.module.js';
export type { EntitlementModuleOptions } from './entitlement.options.js';
export { EntitlementService } from './entitlement.service.js';
export type { Permission, Person, Repository, Standing } from './entitlement.types.js';
export { InMemoryPermissions } from './in-memory-permissions.js';
export { InMemoryStarts } from './in-memory-starts.js';
export { UNKNOWN_PERMISSIONS, type PermissionReading, type PermissionSource } from './permission-source.port.js';
export {
  UNKNOWN_STARTS,
  type HistoryMark,
  type Start,
  type StartReading,
  type StartSource,
} from './start-source.port.js';
