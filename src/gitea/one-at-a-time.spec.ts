import { describe, expect, it } from '@jest/globals';
import { OneAtATime } from './one-at-a-time.js';

describe('OneAtATime', () => {
  function makeSteps() {
    const queue = new OneAtATime();
    const began: string[] = [];
    const endings = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>();
    const run = (key: string, name: string): Promise<string> =>
      queue.run(key, () => {
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
