/** Lets one action at a time pass for each key. Within this process. */
export class KeyedLock {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Runs the action when those before it with the same key are over, whether they failed or not. */
  async hold<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(action, action);
    this.last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(key) === mine) this.last.delete(key);
    }
  }
}
