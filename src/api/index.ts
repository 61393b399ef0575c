export { ApiModule } from './api.module.js';
export type { ApiModuleOptions } from './api.options.js';
