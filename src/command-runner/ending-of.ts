import { constants } from 'node:os';
import type { ProcessExit } from './process-launcher.port.js';

const SIGNALS: ReadonlyMap<number, NodeJS.Signals> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);
/** What a shell adds to the number of the signal that killed a program: POSIX, "Exit Status for Commands". */
const KILLED = 128;

/** What a limit looks like from outside. */
const HINTS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: '; it may have run out of memory',
  SIGXFSZ: '; it wrote a larger file than it may',
};

/**
 * How a program inside a sandbox ended, from how the sandbox ended: that passes a signal on as an exit code. A program
 * that ends with such a code by itself is taken for killed, as it is by shells and by npm, which do the same.
 */
export function endingOf({ code, signal }: ProcessExit): ProcessExit {
  const killedBy = signal ?? SIGNALS.get((code ?? 0) - KILLED);
  if (killedBy === undefined) return { code, signal };
  return { code: null, signal: killedBy, reason: killedReason(killedBy, HINTS[killedBy]) };
}

/** One sentence on a program that a signal ended. */
export function killedReason(signal: NodeJS.Signals, hint = ''): string {
  return `Killed by ${signal}, which the coordinator did not send${hint}`;
}
