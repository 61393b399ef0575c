export {
  GATE_KINDS,
  type GateDefinition,
  type GateKind,
  type GateResult,
  type GateSubject,
  type Verdict,
} from './quality-gates.types.js';
