export { BubblewrapSandbox } from './bubblewrap-sandbox.js';
export { NoSandbox } from './no-sandbox.js';
export { probeSandbox } from './probe-sandbox.js';
export { InvalidSandboxOptionsError, SandboxUnusableError } from './sandbox.errors.js';
export { SandboxModule } from './sandbox.module.js';
export type { SandboxLimits, SandboxModuleOptions } from './sandbox.options.js';
export { SANDBOX_STATE, type SandboxProbe, type SandboxState } from './sandbox.types.js';
