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

describe('KeyedLock, step by step', () => {
  function makeSteps() {
    const lock = new KeyedLock();
    const began: string[] = [];
    const endings = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();
    const run = (key: string, name: string): Promise<string> =>
      lock.hold(key, () => {
        began.push(name);
        return new Promise((resolve, reject) => endings.set(name, { resolve, reject }));
      });
    return { run, began, endings };
  }

  it('begins the next of a key when the one before has ended, and other keys at once', async () => {
    const { run, began, endings } = makeSteps();
    const first = run('a', 'first');
    const second = run('a', 'second');
    const other = run('b', 'other');
    await Promise.resolve();
    const before = [...began];

    endings.get('first')?.resolve('one');
    await first;
    await Promise.resolve();
    endings.get('second')?.resolve('two');
    endings.get('other')?.resolve('three');

    expect(before).toEqual(['first', 'other']);
    expect(await Promise.all([first, second, other])).toEqual(['one', 'two', 'three']);
  });

  it('goes on after a failure, which only its own caller sees', async () => {
    const { run, endings } = makeSteps();
    const first = run('a', 'first');
    const second = run('a', 'second');
    await Promise.resolve();

    endings.get('first')?.reject(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await Promise.resolve();
    endings.get('second')?.resolve('two');

    expect(await second).toBe('two');
  });
});
