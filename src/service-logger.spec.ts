import { describe, expect, it, jest } from '@jest/globals';

import { SecretScrubber } from './kernel/index.js';
import { ServiceLogger } from './service-logger.js';

/** What a logger writes while `act` runs, as parsed lines. */
function written(act: () => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const take = (text: unknown): boolean => lines.push(String(text)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(take));
  act();
  for (const spy of spies) spy.mockRestore();
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('ServiceLogger', () => {
  it('writes one line of JSON with the fields at its top level', () => {
    const lines = written(() =>
      new ServiceLogger('info', new SecretScrubber([])).log('Job moved', { issue: 'a/b#1' }, 'Orchestration'),
    );

    expect(lines).toEqual([
      expect.objectContaining({ level: 'log', message: 'Job moved', issue: 'a/b#1', context: 'Orchestration' }),
    ]);
  });

  it('hides every secret, also in fields, stacks and causes, and the longer of two first', () => {
    const logger = new ServiceLogger('info', new SecretScrubber(['secret-one', 'secret-one-and-more', 'with"quotes']));
    const error = new Error('refused secret-one', { cause: new Error('with"quotes') });

    const lines = written(() => logger.error('Failed with secret-one-and-more', error, { detail: 'secret-one' }));

    expect(JSON.stringify(lines)).not.toMatch(/secret-one|with\\+"quotes/);
    expect(lines[0]).toMatchObject({ message: 'Failed with [secret]' });
  });

  it('does not shred its lines for a secret that is too short to be one', () => {
    const lines = written(() => new ServiceLogger('info', new SecretScrubber(['ok'])).log('looks ok'));

    expect(lines[0]).toMatchObject({ message: 'looks ok' });
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warning', 2],
    ['error', 1],
  ] as const)('at the level %s writes %d of debug, info, warning and error', (level, count) => {
    const logger = new ServiceLogger(level, new SecretScrubber([]));

    const lines = written(() => {
      logger.debug('x');
      logger.log('x');
      logger.warn('x');
      logger.error('x');
    });

    expect(lines).toHaveLength(count);
  });

  it('takes what the framework says of its own assembly for debug', () => {
    const lines = written(() => new ServiceLogger('info', new SecretScrubber([])).log('Mapped', 'RouterExplorer'));

    expect(lines).toEqual([]);
  });
});
