import type { IssueRef } from '../../kernel/index.js';
import { heardRemarks } from './heard-remarks.js';
import type { ReadMark } from '../ports/issue-tracker.port.js';
import type { Remark } from '../ports/remark.types.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import { readCommands } from './read-command.js';
import type { Stop } from '../ports/run-store.port.js';
import { stateLabel } from '../status/status-comment.js';

/** What a person did about a job that was stopped: said something, or took the label away, or ordered a fresh start. */
export interface Answer {
  /** Oldest first. */
  readonly remarks: readonly Remark[];
  /** Login of who ordered a fresh start; null where nobody did. */
  readonly orderedBy: string | null;
  /** Login of who took the label away; null where nobody did, or nothing tells who it was. */
  readonly unlabelledBy: string | null;
}

/** What was found since a stop, and how far was read. */
export interface AnswerReading {
  /** Null for nothing. */
  readonly answer: Answer | null;
  /** Null before the stop could be seen, and where the tracker cannot be asked. */
  readonly readTo: ReadMark | null;
}

const MOST_REMARKS = 10;

/**
 * Looks for what a person has done about a stop since it could be seen. Nothing before it could be seen.
 * Comments count if they are of people who may steer the work; a comment with a command is for the command desk.
 *
 * @param labels of the issue, read after the stop was: else a label that is being set would seem to be taken away
 * @throws {EntitlementUnknownError} if it cannot be told now whose comments count
 */
export async function answerOfPerson(
  options: Pick<OrchestrationOptions, 'tracker' | 'entitlement' | 'labelScope' | 'starts'>,
  ref: IssueRef,
  labels: readonly string[],
  { lastRemark, lastRemarkAt = null, isLabelled }: Stop,
): Promise<AnswerReading> {
  if (lastRemark === null) return { answer: null, readTo: null };
  const said = await options.tracker.remarksAfter(ref, { id: lastRemark, at: lastRemarkAt });
  const readTo = said?.readTo ?? null;
  const plain = (said?.remarks ?? []).filter(({ text }) => readCommands(text).length === 0);
  const remarks = await heardRemarks(options, ref, plain);
  if (remarks.length > 0) return { answer: { remarks, orderedBy: null, unlabelledBy: null }, readTo };
  const label = stateLabel(options.labelScope, 'needs_attention');
  const isTakenAway = isLabelled && !labels.includes(label);
  const removal = isTakenAway ? await removalOf(options, ref, label, lastRemarkAt) : null;
  return { answer: removal && { remarks: [], orderedBy: null, unlabelledBy: removal.by }, readTo };
}

/**
 * Null where it was nobody who may: labels are set by more accounts than may steer work, bots among them. Where nothing
 * tells who it was, everybody may.
 */
async function removalOf(
  { entitlement, starts }: Pick<OrchestrationOptions, 'entitlement' | 'starts'>,
  ref: IssueRef,
  label: string,
  since: number | null,
): Promise<{ readonly by: string | null } | null> {
  if (!starts.canTell) return { by: null };
  const remover = await starts.labelRemoverOf(ref, label, since);
  if (remover === null || !(await entitlement.standingOf(ref, remover.login)).isEntitled) return null;
  return { by: remover.login };
}

/** Earlier and later remarks, as many as are kept. */
export function newestRemarks(...remarks: readonly (readonly Remark[])[]): readonly Remark[] {
  return remarks.flat().slice(-MOST_REMARKS);
}
