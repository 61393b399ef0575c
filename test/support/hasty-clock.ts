import { FakeClock } from '../../src/testing/index.js';

/**
 * A clock on which waiting takes no time, so that what is tried again is tried at once. A sleep of `limitMs` is a
 * time limit: only `advance` ends it.
 */
export class HastyClock extends FakeClock {
  /** Every wait, in milliseconds, in order. */
  readonly waits: number[] = [];

  constructor(private readonly limitMs: number) {
    super();
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === this.limitMs) return super.sleep(ms, signal);
    this.waits.push(ms);
    return Promise.resolve();
  }
}
