import type { GateDefinition } from './quality-gates.types.js';

/** Reads a file of the base commit; null where there is none. */
export type ReadBaseFile = (path: string) => Promise<string | null>;

/** A gate that was found, before its time limit is added. */
export type DetectedGate = Pick<GateDefinition, 'kind' | 'argv' | 'origin'>;
