import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { endingOf } from './ending-of.js';
import { WardenReport, readNamespacePid } from './warden-report.js';

/** A channel whose other end is the test. */
class Channel extends Duplex {
  readonly answers: string[] = [];

  override _read(): void {
    // What comes is pushed by `tell`.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.answers.push(chunk.toString());
    done();
  }

  tell(...chunks: string[]): void {
    for (const chunk of chunks) this.push(chunk);
  }
}

function start() {
  const channel = new Channel();
  const settles: (() => void)[] = [];
  const report = new WardenReport(channel, () => new Promise((resolve) => settles.push(resolve)));
  return { channel, report, settles };
}

describe('WardenReport', () => {
  it('hears of the start and of what is left behind, however it is cut', async () => {
    const { channel, report, settles } = start();

    channel.tell('star', 'ted\nle', 'ft\n');
    expect(await report.start).toBe('started');
    settles.forEach((settle) => settle());
    await new Promise((resolve) => setImmediate(resolve));
    channel.tell('left 12\n');
    await new Promise((resolve) => setImmediate(resolve));
    channel.destroy();

    expect(await report.leftBehind).toBe(12);
    expect(channel.answers).toEqual(['\n']);
  });

  it('hears nothing of a sandbox that ended before, and takes no other words', async () => {
    const { channel, report } = start();

    channel.tell('begun\nleft many\nleft -1\n');
    await new Promise((resolve) => setImmediate(resolve));
    channel.destroy(new Error('reset'));

    expect(await report.start).toBeNull();
    expect(await report.leftBehind).toBe(0);
  });

  it('does not listen to one that never comes to an end', async () => {
    const { channel, report } = start();

    channel.tell('x'.repeat(101));

    await once(channel, 'close');
    expect(await report.leftBehind).toBe(0);
  });
});

describe('readNamespacePid', () => {
  it('finds the process id, however it is cut', async () => {
    const stream = new PassThrough();
    const pid = readNamespacePid(stream);
    stream.write('{\n    "child-');
    stream.end('pid": 4711\n}\n');

    expect(await pid).toBe(4711);
  });

  it('finds none where none is told', async () => {
    const stream = new PassThrough();
    const pid = readNamespacePid(stream);
    stream.write('{');
    stream.destroy(new Error('reset'));

    expect(await pid).toBeNull();
  });
});

describe('endingOf', () => {
  it('knows an exit code from a signal that was passed on as one', () => {
    expect(endingOf({ code: 0, signal: null })).toEqual({ code: 0, signal: null });
    expect(endingOf({ code: null, signal: null })).toEqual({ code: null, signal: null });
    expect(endingOf({ code: 128, signal: null })).toEqual({ code: 128, signal: null });
    expect(endingOf({ code: 255, signal: null })).toEqual({ code: 255, signal: null });
    expect(endingOf({ code: 143, signal: null })).toEqual({
      code: null,
      signal: 'SIGTERM',
      reason: 'Killed by SIGTERM, which the coordinator did not send',
    });
    expect(endingOf({ code: null, signal: 'SIGKILL' })).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});
