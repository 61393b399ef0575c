import type { IssueRef } from '../kernel/index.js';
import { visibleText } from '../parser/index.js';
import type { IssueRemark, IssueTracker } from './issue-tracker.port.js';
import type { Remark } from './job-details.js';
import type { Stop } from './run-store.port.js';
import { stateLabel } from './status-comment.js';

/** What a person did about a job that was stopped: said something, or took the label away, or both. */
export interface Answer {
  /** Oldest first. */
  readonly remarks: readonly Remark[];
}

/** The longest remark that is kept, in characters, and the most of them. */
const LONGEST_REMARK = 4_000;
const MOST_REMARKS = 10;

/**
 * Looks for what a person has done about a stop since it could be seen. Null for nothing, and before it could be seen.
 *
 * @param labels of the issue, read after the stop was: else a label that is being set would seem to be taken away
 */
export async function answerOfPerson(
  tracker: IssueTracker,
  ref: IssueRef,
  labels: readonly string[],
  { lastRemark, isLabelled }: Stop,
): Promise<Answer | null> {
  if (lastRemark === null) return null;
  const remarks = (await tracker.remarksAfter(ref, lastRemark)) ?? [];
  const isTakenAway = isLabelled && !labels.includes(stateLabel('needs_attention'));
  return remarks.length > 0 || isTakenAway ? { remarks: remarks.map(toRemark) } : null;
}

/** Earlier and later remarks, as many as are kept. */
export function newestRemarks(...remarks: readonly (readonly Remark[])[]): readonly Remark[] {
  return remarks.flat().slice(-MOST_REMARKS);
}

/** What a person cannot see in a remark, the agent does not get either. */
function toRemark({ author, text }: IssueRemark): Remark {
  const visible = visibleText(text).trim();
  return { author, text: visible.length > LONGEST_REMARK ? `${visible.slice(0, LONGEST_REMARK)} [cut]` : visible };
}
