/** Runs what has the same key one after the other, in the order it was asked for. */
export class OneAtATime {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Resolves or rejects as `act` does. A failure does not keep the next one from running. */
  run<T>(key: string, act: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const running = before.then(act, act);
    this.last.set(key, running);
    const forget = (): void => {
      if (this.last.get(key) === running) this.last.delete(key);
    };
    running.then(forget, forget);
    return running;
  }
}
