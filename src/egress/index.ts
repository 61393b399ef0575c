export { EgressError, EgressSocketError, InvalidEgressOptionsError, InvalidModelRouteError } from './egress.errors.js';
export { EgressModule } from './egress.module.js';
export type { EgressModuleOptions, ResolveHost } from './egress.options.js';
export {
  EGRESS,
  type Egress,
  type EgressGate,
  type EgressGateSpec,
  type ForwardedFailure,
  type ForwardedUse,
  type ModelRoute,
} from './egress.types.js';
export { networkBridgeFiles, networkBridgePath } from './network-bridge-path.js';
export { proxyEnvironment } from './proxy-environment.js';
