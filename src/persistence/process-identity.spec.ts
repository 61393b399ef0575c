import { describe, expect, it } from '@jest/globals';
import { isCertainlyDead, ownIdentity, parseIdentity } from './process-identity.js';

describe('process identity', () => {
  it('is the same for one process each time', () => {
    expect(ownIdentity()).toEqual({ ...ownIdentity(), pid: process.pid });
  });

  it('is read back as it was written', () => {
    expect(parseIdentity(JSON.stringify(ownIdentity()))).toEqual(ownIdentity());
    expect(parseIdentity('{"pid":1,"host":"a"}')).toEqual({ pid: 1, host: 'a', startTime: null, bootId: null });
  });

  it.each(['', '{', 'null', '7', '[]', '{"pid":"1","host":"a"}', '{"pid":1}', '{"pid":1,"host":"a","bootId":7}'])(
    'is not read from %j',
    (text) => {
      expect(parseIdentity(text)).toBeUndefined();
    },
  );

  it('tells the dead from the living only where it can know', () => {
    const own = { ...ownIdentity(), bootId: 'boot' };

    expect(isCertainlyDead({ ...own, bootId: 'earlier', startTime: '1' }, own)).toBe(true);
    expect(isCertainlyDead({ ...own, pid: 4_194_303, startTime: '1' }, own)).toBe(true);
    expect(isCertainlyDead({ ...own, startTime: '1' }, own)).toBe(true);
    expect(isCertainlyDead({ ...own, startTime: '1', host: 'elsewhere' }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: null }, own)).toBe(false);
    expect(isCertainlyDead({ ...own, startTime: '1', bootId: null }, own)).toBe(false);
  });

  it('tells that this process lives', () => {
    expect(isCertainlyDead(ownIdentity(), ownIdentity())).toBe(false);
  });
});
