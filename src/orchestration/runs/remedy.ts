/**
 * What may befall an agent's turn. *crash*: its process ended. *silence*: it gave no sign of life, or went on though it
 * was asked to stop. *interruption*: its turn was stopped, and nobody here asked for it.
 */
export type Mishap = 'crash' | 'silence' | 'interruption';

/** What to do about it, from the mildest: prompt the session again, reopen it, replace it, or end the run. */
export type Remedy = 'prompt' | 'resume' | 'hand-over' | 'give-up';

/**
 * Decides what follows the so manieth mishap of its kind.
 *
 * @param times from 1
 * @param limit how many crashes, or interruptions, a session is taken up again after
 */
export function remedyFor(mishap: Mishap, times: number, limit: number): Remedy {
  switch (mishap) {
    case 'silence':
      return SILENCE[times - 1] ?? 'give-up';
    case 'crash':
      if (times <= limit) return 'resume';
      return times === limit + 1 ? 'hand-over' : 'give-up';
    case 'interruption':
      return times <= limit ? 'prompt' : 'give-up';
  }
}

const SILENCE: readonly Remedy[] = ['prompt', 'resume'];
