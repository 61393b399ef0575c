import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { FakeClock } from '../testing/index.js';
import { DeadMansSwitch } from './dead-mans-switch.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switch-'));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of Node's that may write to `file`, the name of a file in the folder. */
function program(file: string, script: string): readonly string[] {
  return [process.execPath, '-e', `const file = ${JSON.stringify(join(folder, file))}; ${script}`, '--'];
}

/** Resolves when a file of the folder holds what is wanted. */
function reads(file: string, wanted: RegExp): Promise<void> {
  const holds = (): boolean => {
    try {
      return wanted.test(readFileSync(join(folder, file), 'utf8'));
    } catch {
      return false;
    }
  };
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (!holds()) return;
      watcher.close();
      resolve();
    });
    if (!holds()) return;
    watcher.close();
    resolve();
  });
}

function told(): { readonly lines: unknown[][]; readonly next: Promise<void> } {
  const lines: unknown[][] = [];
  const next = new Promise<void>((resolve) => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation((...line: unknown[]) => {
      lines.push(line);
      resolve();
    });
  });
  return { lines, next };
}

const WRITE_ALL = `process.stdin.on('data', (text) => require('node:fs').appendFileSync(file, text))`;

describe('DeadMansSwitch', () => {
  it('lets the other process hear whose heart beats, how long it may be silent, its beats, and its farewell', async () => {
    const clock = new FakeClock();
    const script = `require('node:fs').writeFileSync(file, process.argv.slice(-2).join(' ') + ' '); ${WRITE_ALL}`;
    const over = new DeadMansSwitch({ ownerId: 'ours', silenceMs: 6_000, clock, program: program('heard', script) });

    over.onModuleInit();
    await reads('heard', /^ours 6000 \.$/);
    clock.advance(1_000);
    await reads('heard', /^ours 6000 \.\.$/);
    over.onApplicationShutdown();

    await reads('heard', /^ours 6000 \.\.F$/);
    expect(clock.sleeping).toBe(0);
  });

  it('tells the log what was killed', async () => {
    const { lines, next } = told();
    const clock = new FakeClock();
    const script = `process.stdout.write('3\\n'); ${WRITE_ALL}`;
    const over = new DeadMansSwitch({ ownerId: 'ours', silenceMs: 6_000, clock, program: program('heard', script) });

    over.onModuleInit();
    await next;
    over.onApplicationShutdown();
    await reads('heard', /F$/);

    expect(lines).toEqual([['Processes killed because this one gave no sign of life', { count: 3 }]]);
  });

  it('starts the other process again when it has ended, until it says farewell itself', async () => {
    const { lines, next } = told();
    const clock = new FakeClock();
    const script = `require('node:fs').existsSync(file) ? (${WRITE_ALL}) : require('node:fs').writeFileSync(file, 'first ')`;
    const over = new DeadMansSwitch({ ownerId: 'ours', silenceMs: 6_000, clock, program: program('heard', script) });

    over.onModuleInit();
    await next;
    clock.advance(1_000);
    await reads('heard', /^first \./);
    over.onApplicationShutdown();
    await reads('heard', /F$/);

    expect(lines).toEqual([['The process that watches over this one has ended, and is started again']]);
  });

  it('starts nothing again once it is over', async () => {
    const { lines, next } = told();
    const clock = new FakeClock();
    const over = new DeadMansSwitch({ ownerId: 'ours', silenceMs: 6_000, clock, program: ['/nowhere/program'] });

    over.onModuleInit();
    await next;
    over.onApplicationShutdown();
    clock.advance(1_000);

    expect(lines).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });
});
