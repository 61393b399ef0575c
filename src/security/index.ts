export { InvalidSecurityOptionsError } from './security.errors.js';
export { SecurityModule } from './security.module.js';
export type { SecurityModuleOptions } from './security.options.js';
export { REFUSAL_CODES, type AuthenticRequest, type Refusal, type SignedRequest } from './security.types.js';
export { SignatureGuard } from './signature.guard.js';
