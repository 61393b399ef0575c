export { HealthModule } from './health.module.js';
export type { HealthModuleOptions } from './health.options.js';
