export {
  EGRESS,
  type Egress,
  type EgressGate,
  type EgressGateSpec,
  type ForwardedUse,
  type ModelRoute,
} from './egress.types.js';
