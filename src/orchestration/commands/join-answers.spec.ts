import { describe, expect, it } from '@jest/globals';

import { joinAnswers, notKnown } from './join-answers.js';
import { readCommands } from './read-command.js';

function joined(text: string, said?: readonly string[]): string {
  const commands = readCommands(text);
  const words = commands.map((command) => (command.kind === 'unknown' ? notKnown(command.said) : `${command.kind}.`));
  return joinAnswers(said ?? words.slice(0, 5), commands);
}

describe('joinAnswers', () => {
  it('gives the list once, after every wrong command was named', () => {
    const answer = joined('/mosaic dance\n/mosaic sing @all\n/mosaic');

    expect(answer).toMatch(
      /^`\/mosaic` knows no command “dance”\.\n\n`\/mosaic` knows no command “sing @\u200ball”\.\n\nThe commands are:/,
    );
    expect(answer.match(/The commands are:/g)).toHaveLength(1);
  });

  it('is the list alone where nothing was said, and has none where every command is known', () => {
    expect(joined('/mosaic')).toMatch(/^The commands are:\n\n- `\/mosaic status`/);
    expect(joined('/mosaic why\n/mosaic cancel')).toBe('why.\n\ncancel.');
  });

  it('says nothing twice', () => {
    expect(joined('/mosaic why\n/mosaic why')).toBe('why.');
  });

  it.each([
    [5, 'why.'],
    [6, 'why.\n\nOnly the first 5 commands of a comment are heard; 1 more of this one was not.'],
    [8, 'why.\n\nOnly the first 5 commands of a comment are heard; 3 more of this one were not.'],
  ])('says of %i commands how many were not heard', (count, answer) => {
    expect(joined('/mosaic why\n'.repeat(count))).toBe(answer);
  });

  it('gives no list for a wrong command that was not heard', () => {
    expect(joined(`${'/mosaic why\n'.repeat(5)}/mosaic dance`)).not.toContain('The commands are:');
  });
});
