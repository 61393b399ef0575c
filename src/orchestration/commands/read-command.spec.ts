import { describe, expect, it } from '@jest/globals';

import { readCommands, withoutCommands } from './read-command.js';

describe('readCommands', () => {
  it.each([
    ['/mosaic status', [{ kind: 'status' }]],
    ['/mosaic why', [{ kind: 'why' }]],
    ['Thanks.\n\n/mosaic retry\nUse the other one.', [{ kind: 'retry' }]],
    ['/MOSAIC   Cancel.', [{ kind: 'cancel' }]],
    ['  /mosaic pause\r\n/mosaic\tresume!', [{ kind: 'pause' }, { kind: 'resume' }]],
    ['/mosaic agent glm', [{ kind: 'agent', profile: 'glm' }]],
    ['/mosaic priority 0', [{ kind: 'priority', priority: 0 }]],
    ['/mosaic priority 1000', [{ kind: 'priority', priority: 1000 }]],
  ])('reads %j', (text, commands) => {
    expect(readCommands(text)).toEqual(commands);
  });

  it.each([
    ['/mosaic', ''],
    ['/mosaic dance', 'dance'],
    ['/mosaic retry now please', 'retry now please'],
    ['/mosaic agent', 'agent'],
    ['/mosaic agent glm or opus', 'agent glm or opus'],
    ['/mosaic priority high', 'priority high'],
    ['/mosaic priority 1001', 'priority 1001'],
    ['/mosaic priority -1', 'priority -1'],
    ['/mosaic constructor', 'constructor'],
  ])('calls %j unknown', (text, said) => {
    expect(readCommands(text)).toEqual([{ kind: 'unknown', said }]);
  });

  it.each([
    ['a quote', '> /mosaic cancel'],
    ['a fence', '```\n/mosaic cancel\n```'],
    ['a fence without an end', '~~~\n/mosaic cancel'],
    ['an indented block', '    /mosaic cancel\n\t/mosaic cancel'],
    ['a code span', '`/mosaic cancel`'],
    ['a sentence', 'Say /mosaic cancel'],
    ['a longer word', '/mosaicked cancel'],
    ['a comment that nobody sees', '<!--\n/mosaic cancel\n-->'],
    ['nothing', ''],
  ])('finds none in %s', (_, text) => {
    expect(readCommands(text)).toEqual([]);
  });

  it('reads all of them: how many are heard is for whoever obeys', () => {
    expect(readCommands('/mosaic why\n'.repeat(9))).toHaveLength(9);
  });
});

describe('withoutCommands', () => {
  it('is what is said besides', () => {
    expect(withoutCommands('/mosaic retry\nUse the other one.<!-- and more -->\n')).toBe('Use the other one.');
  });
});
