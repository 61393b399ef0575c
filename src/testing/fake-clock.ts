import type { Clock } from '../kernel/index.js';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told to move. Sleepers wake in the order of their times. */
export class FakeClock implements Clock {
  private sleepers: Sleeper[] = [];
  private elapsed = 0;

  /** @param wall milliseconds since 1970 at the start */
  constructor(private wall = 1_700_000_000_000) {}

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { until: this.elapsed + ms, wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** How many callers sleep. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  /** Moves both times forward and wakes whoever has slept enough. */
  advance(ms: number): void {
    this.elapsed += ms;
    this.wall += ms;
    const due = this.sleepers.filter((sleeper) => sleeper.until <= this.elapsed).sort((a, b) => a.until - b.until);
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.until > this.elapsed);
    for (const sleeper of due) sleeper.wake();
  }

  /** Sets the wall time alone, as an operator or NTP does. */
  setWall(ms: number): void {
    this.wall = ms;
  }
}
