import { RunFailedError } from '../orchestration.errors.js';
import type { Diagnosis } from './diagnose-turn.js';
import { remedyFor, type Mishap, type Remedy } from './remedy.js';
import type { RunScope } from './run-scope.js';

const NONE: Readonly<Record<Mishap, number>> = { crash: 0, silence: 0, interruption: 0 };

const GIVEN_UP: Readonly<Record<Mishap, (times: number) => string>> = {
  crash: (times) => `its process ended ${times} times in this run`,
  silence: (times) => `it was silent, or did not stop, ${times} times in a row`,
  interruption: (times) => `its turn was interrupted ${times} times in a row`,
};

/** Counts what befalls the agent of one run, and says what follows. */
export class AgentRecovery {
  private times = NONE;

  /** @param limit how often a crash or an interruption is recovered from: see `remedyFor` */
  constructor(
    private readonly scope: RunScope,
    private readonly limit: number,
  ) {}

  /** @throws {RunFailedError} if it befell the agent too often */
  after({ mishap, detail, isClosed }: Extract<Diagnosis, { readonly kind: 'mishap' }>): Exclude<Remedy, 'give-up'> {
    const times = this.times[mishap] + 1;
    this.times = { ...this.times, [mishap]: times };
    const mildest = remedyFor(mishap, times, this.limit);
    const remedy = mildest === 'prompt' && isClosed ? 'resume' : mildest;
    this.scope.announce({ type: 'orchestration.agent-faltered', mishap, detail, times, remedy });
    if (remedy !== 'give-up') return remedy;
    throw new RunFailedError('agent', false, `The agent was given up: ${GIVEN_UP[mishap](times)}. ${detail}`);
  }

  /** A turn ended by itself: the agent is alive and obeys. Crashes count on. */
  settle(): void {
    this.times = { ...NONE, crash: this.times.crash };
  }
}
