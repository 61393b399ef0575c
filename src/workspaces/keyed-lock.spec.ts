import { describe, expect, it } from '@jest/globals';
import { KeyedLock } from './keyed-lock.js';

describe('KeyedLock', () => {
  function started() {
    const lock = new KeyedLock();
    const events: string[] = [];
    const action = (name: string) => async (): Promise<string> => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} ends`);
      return name;
    };
    return { lock, events, action };
  }

  it('lets one action at a time pass for a key, in the order of the calls', async () => {
    const { lock, events, action } = started();

    const results = await Promise.all([lock.hold('k', action('a')), lock.hold('k', action('b'))]);

    expect(results).toEqual(['a', 'b']);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('does not hold up other keys', async () => {
    const { lock, events, action } = started();

    await Promise.all([lock.hold('k', action('a')), lock.hold('l', action('b'))]);

    expect(events.slice(0, 2)).toEqual(['a begins', 'b begins']);
  });

  it('goes on after an action that failed, and tells its caller alone', async () => {
    const { lock, action } = started();
    const failing = lock.hold('k', () => Promise.reject(new Error('no')));

    const next = lock.hold('k', action('b'));

    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('b');
  });
});
