import { isSameLogin } from '../../kernel/index.js';
import { personNamed, type Actor } from '../../queue/index.js';
import type { Answer } from '../commands/answer-of-person.js';
import type { IntakeDecision } from './decide-intake.js';
import type { FactsOfIssue } from './issue-facts.js';
import type { IssueHint } from './issue-hint.js';

/** Whose act led to a decision about an issue that is work for the bot; null where nothing tells. */
export function whoLed(
  decision: IntakeDecision,
  { starter, editor, present }: Pick<FactsOfIssue, 'starter' | 'editor' | 'present'>,
  answer: Answer | null,
  hint: IssueHint | null,
): Actor | null {
  if (answer !== null) {
    return personNamed(answer.orderedBy ?? answer.unlabelledBy ?? answer.remarks.at(-1)?.author);
  }
  const started = starter?.person?.login;
  if (decision === 'enqueue') return personNamed(started ?? present.start.startedBy?.login);
  // Whoever answers for the text need not be who made it.
  const answersFor = present.isPresumed ? null : editor?.person?.login;
  const made = hint?.edits.findLast((edit) => edit.textHash === present.textHash)?.by;
  return personNamed(made ?? answersFor ?? started);
}

/** Who closed or deleted an issue or took it from the bot, as far as deliveries tell; null where they do not. */
export function whoEnded(hint: IssueHint | null, botName: string): Actor | null {
  const by = hint?.endedBy ?? null;
  return by === null || isSameLogin(by, botName) ? null : personNamed(by);
}
