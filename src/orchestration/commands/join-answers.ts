import { escapeText } from '../status/status-comment.js';
import { COMMANDS, MOST_COMMANDS, type Command } from './read-command.js';

/** What is said of a command that there is not; empty where nothing stands after the name. */
export function notKnown(said: string): string {
  return said === '' ? '' : `\`/mosaic\` knows no command “${escapeText(said)}”.`;
}

/**
 * The one answer to a comment: what is said of its commands, each sentence once, the list of commands once where one of
 * them is not known, and that the others were not heard where there are too many.
 *
 * @param said to each command that was heard, in their order
 * @param commands all of the comment
 */
export function joinAnswers(said: readonly string[], commands: readonly Command[]): string {
  const heard = commands.slice(0, MOST_COMMANDS);
  const unheard = commands.length - heard.length;
  return [
    ...new Set(said.filter((sentence) => sentence !== '')),
    ...(heard.some(({ kind }) => kind === 'unknown') ? [listOfCommands()] : []),
    ...(unheard > 0 ? [tooMany(unheard)] : []),
  ].join('\n\n');
}

function listOfCommands(): string {
  return ['The commands are:', '', ...COMMANDS.map(([written, meaning]) => `- \`${written}\` ${meaning}`)].join('\n');
}

function tooMany(unheard: number): string {
  return `Only the first ${MOST_COMMANDS} commands of a comment are heard; ${unheard} more of this one ${unheard === 1 ? 'was' : 'were'} not.`;
}
