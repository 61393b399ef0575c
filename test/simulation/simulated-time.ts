import type { Clock } from '../../src/kernel/index.js';

/** 2026-01-01T00:00:00Z */
const BEGINNING = 1_767_225_600_000;

interface Sleeper {
  readonly until: number;
  readonly owner: SimulatedClock;
  readonly wake: () => void;
}

/** The one time that passes for everybody. It stands still but when it is moved. */
export class SimulatedTime {
  private passed = 0;
  private sleepers: Sleeper[] = [];

  /** Milliseconds since the simulation began. */
  get elapsed(): number {
    return this.passed;
  }

  /** What a clock shows that nobody ever set. */
  get wall(): number {
    return BEGINNING + this.passed;
  }

  /** Milliseconds until somebody wakes; null where nobody sleeps. */
  get untilNext(): number | null {
    let soonest = Infinity;
    for (const { until, owner } of this.sleepers) if (until < soonest && !owner.isStopped) soonest = until;
    return soonest === Infinity ? null : Math.max(0, soonest - this.passed);
  }

  advance(ms: number): void {
    this.passed += ms;
    this.wakeDue();
  }

  /** Wakes whoever has slept enough and may wake, in the order of their times. */
  wakeDue(): void {
    const isDue = ({ until, owner }: Sleeper): boolean => until <= this.passed && !owner.isStopped;
    const due = this.sleepers.filter(isDue);
    if (due.length === 0) return;
    this.sleepers = this.sleepers.filter((sleeper) => !isDue(sleeper));
    due.sort((one, other) => one.until - other.until);
    for (const { wake } of due) wake();
  }

  /** Who sleeps with this clock never wakes. */
  forget(owner: SimulatedClock): void {
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.owner !== owner);
  }

  sleep(owner: SimulatedClock, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const sleeper: Sleeper = { until: this.passed + ms, owner, wake };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', end);
    });
  }
}

/** The clock of one machine. Its wall time can be set; its monotonic time is that of the simulation. */
export class SimulatedClock implements Clock {
  /** While it is, nobody who sleeps with it wakes. */
  isStopped = false;
  private offset = 0;

  constructor(private readonly time: SimulatedTime) {}

  now(): number {
    return this.time.wall + this.offset;
  }

  monotonic(): number {
    return this.time.elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return this.time.sleep(this, ms, signal);
  }

  /** Somebody sets the wall time. */
  jump(ms: number): void {
    this.offset += ms;
  }
}
