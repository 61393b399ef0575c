import type { TurnResult } from '../../agents/index.js';
import type { Mishap } from './remedy.js';
import type { WatchedOutcome } from './watched-call.js';

/** What became of a turn. */
export type Diagnosis =
  /** It ended by itself, in whatever way. */
  | { readonly kind: 'ended'; readonly turn: TurnResult }
  /** It was stopped because the coordinator wanted it so. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'too-long' }
  | {
      readonly kind: 'mishap';
      readonly mishap: Mishap;
      readonly detail: string;
      /** Its session must be opened again before it can be prompted. */
      readonly isClosed: boolean;
    };

/** Says what became of a turn. An agent that ended its turn by itself did so, whatever it was asked meanwhile. */
export function diagnoseTurn({ answer, warning, wasStopped }: WatchedOutcome<TurnResult>): Diagnosis {
  if (answer !== null && answer.stop !== 'interrupted') return diagnoseEnd(answer);
  if (warning === 'too-long') return { kind: 'too-long' };
  if (answer === null) return mishap('silence', 'The agent did not stop when it was asked to', true);
  if (warning === 'silent') return mishap('silence', 'The agent gave no sign of life', false);
  if (wasStopped) return { kind: 'stopped' };
  return mishap('interruption', 'Its turn was interrupted, and not by the coordinator', false);
}

function diagnoseEnd(turn: TurnResult): Diagnosis {
  if (turn.stop === 'context_exhausted') return { kind: 'exhausted' };
  if (turn.stop !== 'crashed') return { kind: 'ended', turn };
  return mishap('crash', turn.detail ?? 'The agent ended in the middle of its turn', true);
}

function mishap(which: Mishap, detail: string, isClosed: boolean): Diagnosis {
  return { kind: 'mishap', mishap: which, detail, isClosed };
}
