import { escapeText } from '../status/status-comment.js';
import { joinAnswers, notKnown } from './join-answers.js';
import { MOST_COMMANDS, type Command } from './read-command.js';

/** Why nothing is under way on an issue. One of both is false. */
export interface IdleIssue {
  readonly isOpen: boolean;
  readonly isAssigned: boolean;
  /** Login of the bot. */
  readonly botName: string;
}

/** The answer to commands on an issue that has no job: that nothing is under way, why, and what begins work. */
export function joblessAnswer(commands: readonly Command[], issue: IdleIssue): string {
  const heard = commands.slice(0, MOST_COMMANDS);
  const said = heard.flatMap((command) => {
    switch (command.kind) {
      case 'unknown':
        return [notKnown(command.said)];
      case 'status':
      case 'why':
        return [whyIdle(issue)];
      case 'retry':
      case 'cancel':
      case 'pause':
      case 'resume':
      case 'agent':
      case 'priority':
        return [whyIdle(issue), remedy(issue)];
    }
  });
  return joinAnswers(said, commands);
}

function whyIdle({ isOpen, isAssigned, botName }: IdleIssue): string {
  const reasons = [
    ...(isOpen ? [] : ['it is closed']),
    ...(isAssigned ? [] : [`${escapeText(botName)} is not assigned`]),
  ];
  return `Nothing is under way on this issue: ${reasons.join(', and ')}.`;
}

function remedy({ isOpen, isAssigned, botName }: IdleIssue): string {
  const steps = [...(isOpen ? [] : ['open it again']), ...(isAssigned ? [] : [`assign ${escapeText(botName)} to it`])];
  const sentence = steps.join(' and ');
  return `The command was not carried out. ${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}, and work begins.`;
}
