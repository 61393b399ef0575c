import type { Signals } from '../ports/signals.port.js';

/** Lets coordinators in one process hear each other, for tests of them. */
export class SignalHub {
  private readonly listeners: ((jobId: string | null) => void)[] = [];

  readonly signals: Signals = {
    tell: (jobId) => this.say(jobId),
    listen: (heard) => void this.listeners.push(heard),
  };

  /** Says that something is new in the store. */
  say(jobId: string | null): void {
    for (const heard of this.listeners) heard(jobId);
  }
}
