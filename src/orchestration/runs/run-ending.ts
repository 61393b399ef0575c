import { messageOf } from '../../kernel/index.js';
import { LeaseLostError } from '../../queue/index.js';
import { RunFailedError, RunInterruptedError, type RunPhase } from '../orchestration.errors.js';

/** How a run ended, and what is to become of its job. */
export type RunEnding =
  | { readonly outcome: 'in_review'; readonly reason: string }
  | {
      readonly outcome: 'needs_attention';
      readonly reason: string;
      readonly phase: RunPhase;
    }
  | {
      readonly outcome: 'retryable';
      readonly reason: string;
      readonly phase: RunPhase;
      /** How long the other side asked to wait; null when it did not. */
      readonly retryAfterMs: number | null;
    }
  /** The job was cancelled or taken away: this run may not move it. */
  | { readonly outcome: 'cancelled'; readonly reason: string }
  /** Another run goes on. */
  | { readonly outcome: 'interrupted'; readonly reason: string; readonly isLeaseLost: boolean };

/** What an error that ended a run means for its job. */
export function endingOf(error: unknown): RunEnding {
  if (error instanceof LeaseLostError) return { outcome: 'interrupted', reason: error.message, isLeaseLost: true };
  if (error instanceof RunInterruptedError) return interrupted(error);
  if (error instanceof RunFailedError) {
    const { message: reason, phase, retryAfterMs } = error;
    return error.needsPerson
      ? { outcome: 'needs_attention', reason, phase }
      : { outcome: 'retryable', reason, phase, retryAfterMs };
  }
  // A fault of ours or of the machine. It may pass; if not, the limit of failures hands the job to a person.
  return { outcome: 'retryable', reason: messageOf(error), phase: 'agent', retryAfterMs: null };
}

function interrupted({ interruption, message }: RunInterruptedError): RunEnding {
  switch (interruption) {
    case 'cancelled':
      return { outcome: 'cancelled', reason: message };
    case 'shutdown':
      return { outcome: 'interrupted', reason: message, isLeaseLost: false };
    case 'lease_lost':
      return { outcome: 'interrupted', reason: message, isLeaseLost: true };
    case 'timed_out':
      return { outcome: 'retryable', reason: message, phase: 'agent', retryAfterMs: null };
  }
}
