import { CodedError } from '../kernel/index.js';

export const RUN_PHASES = [
  'workspace',
  'spawn',
  'agent',
  'account',
  'model',
  'context',
  'budget',
  'gates',
  'continuation',
  'publication',
] as const;
/** Where in a run something went wrong. Counted and logged apart. */
export type RunPhase = (typeof RUN_PHASES)[number];

/** A run cannot go on. Says where it failed, and whether trying again may help. */
export class RunFailedError extends CodedError<'RUN_FAILED'> {
  override readonly code = 'RUN_FAILED';

  constructor(
    readonly phase: RunPhase,
    /** A person must act: trying again alone changes nothing. */
    readonly needsPerson: boolean,
    message: string,
    /** How long the other side asked to wait; null when it did not. */
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const INTERRUPTIONS = ['cancelled', 'lease_lost', 'shutdown', 'timed_out'] as const;
/** Why a run was stopped from outside. */
export type Interruption = (typeof INTERRUPTIONS)[number];

/** The run was stopped from outside. It writes nothing more of its own. */
export class RunInterruptedError extends CodedError<'RUN_INTERRUPTED'> {
  override readonly code = 'RUN_INTERRUPTED';

  constructor(
    readonly interruption: Interruption,
    reason: string,
  ) {
    super(reason);
  }
}

/** Options of the orchestration that are out of range. Thrown while the module starts. */
export class InvalidOrchestrationOptionsError extends CodedError<'ORCHESTRATION_OPTIONS_INVALID'> {
  override readonly code = 'ORCHESTRATION_OPTIONS_INVALID';
}

/** What a job holds was not written by this program, or by another version of it. */
export class InvalidJobDetailsError extends CodedError<'ORCHESTRATION_JOB_DETAILS_INVALID'> {
  override readonly code = 'ORCHESTRATION_JOB_DETAILS_INVALID';
}

/** Another coordinator leads those that share the store. Nothing was written. */
export class LeadLostError extends CodedError<'LEAD_LOST'> {
  override readonly code = 'LEAD_LOST';
}
