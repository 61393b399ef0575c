import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isCertainlyDead, ownIdentity, parseIdentity } from './process-identity.js';

function fieldsOf(pid: number): readonly string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function startFieldOf(pid: number): string | null {
  return fieldsOf(pid)[19] ?? null;
}

async function untilZombie(pid: number): Promise<void> {
  while (fieldsOf(pid)[0] !== 'Z') await new Promise(setImmediate);
}

describe('process identity', () => {
  it('is the same for one process each time', () => {
    expect(ownIdentity()).toEqual({ ...ownIdentity(), pid: process.pid });
  });

  it('is read back as it was written', () => {
    expect(parseIdentity(JSON.stringify(ownIdentity()))).toEqual(ownIdentity());
    expect(parseIdentity('{"pid":1,"host":"a"}')).toEqual({
      pid: 1,
      host: 'a',
      startTime: null,
      bootId: null,
      pidNamespace: null,
    });
  });

  it.each(['', '{', 'null', '7', '[]', '{"pid":"1","host":"a"}', '{"pid":1}', '{"pid":1,"host":"a","bootId":7}'])(
    'is not read from %j',
    (text) => {
      expect(parseIdentity(text)).toBeUndefined();
    },
  );

  it('tells the dead from the living only where it can know', () => {
    const own = { ...ownIdentity(), bootId: 'boot', pidNamespace: 'here' };

    expect(isCertainlyDead({ ...own, pid: 4_194_303, startTime: '1' }, own)).toBe(true);
    expect(isCertainlyDead({ ...own, startTime: '1' }, own)).toBe(true);
    // Another machine may have this one's name, and another container on it a process of this id.
    expect(isCertainlyDead({ ...own, startTime: '1', bootId: 'earlier' }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: '1', pidNamespace: 'there' }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: null }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: '1', bootId: null }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: '1', pidNamespace: null }, own)).toBe(false);
  });

  it('takes a process that ended and that nobody has asked how for dead', async () => {
    const shell = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(String(line).trim());
    await untilZombie(pid);
    const startTime = startFieldOf(pid);
    const own = ownIdentity();

    expect(isCertainlyDead({ ...own, pid, startTime }, own)).toBe(true);
    shell.stdin.end();
    await once(shell, 'close');
  });

  it('tells that this process lives', () => {
    expect(isCertainlyDead(ownIdentity(), ownIdentity())).toBe(false);
  });
});
