export { MetricsModule } from './metrics.module.js';
export type { MetricsModuleOptions } from './metrics.options.js';
