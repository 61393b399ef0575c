import { Inject, Injectable } from '@nestjs/common';

import type { DispatchedJob, DispatchGuard } from '../ports/dispatch-guard.port.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

/** What people are told on their issues is about nothing that passes sooner. */
const TOLD_AFTER_MS = 30_000;

interface Closing {
  readonly sentence: string;
  /** When it was first seen, on the clock's monotonic time. */
  readonly since: number;
}

/** Asks every guard which profiles no work may be given to, and knows which of that is worth telling on issues. */
@Injectable()
export class Dispatch {
  private closings: ReadonlyMap<string, Closing> = new Map();
  /** By profile, the sentence that stands on the issues of its jobs. */
  private readonly told = new Map<string, string>();

  constructor(@Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** By name, the profiles that no work may be given to, and why. Rejects where a guard does. */
  async closedProfiles(): Promise<ReadonlyMap<string, string>> {
    const now = this.options.clock.monotonic();
    const answers = await Promise.all(this.guards.map(async (guard) => guard.closedProfiles()));
    // The first guard to close a profile says why.
    const sentences = new Map(answers.reverse().flatMap((answer) => [...answer]));
    const earlier = this.closings;
    this.closings = new Map(
      [...sentences].map(([profile, sentence]) => {
        const known = earlier.get(profile);
        return [profile, { sentence, since: known?.sentence === sentence ? known.since : now }];
      }),
    );
    return sentences;
  }

  started(job: DispatchedJob): void {
    for (const guard of this.guards) guard.started?.(job);
  }

  ended(job: DispatchedJob): void {
    for (const guard of this.guards) guard.ended?.(job);
  }

  /** The profiles whose waiting jobs show something else than what has held for a while. Each is named once. */
  takeNews(): readonly string[] {
    const now = this.options.clock.monotonic();
    const closed = [...this.closings].filter(
      ([profile, { sentence, since }]) => now - since >= TOLD_AFTER_MS && this.told.get(profile) !== sentence,
    );
    const opened = [...this.told.keys()].filter((profile) => !this.closings.has(profile));
    for (const [profile, { sentence }] of closed) this.told.set(profile, sentence);
    for (const profile of opened) this.told.delete(profile);
    return [...closed.map(([profile]) => profile), ...opened];
  }

  private get guards(): readonly DispatchGuard[] {
    return [this.options.agentHealth, ...this.options.dispatchGuards];
  }
}
