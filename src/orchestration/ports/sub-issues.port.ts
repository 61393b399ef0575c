import type { IssueRef } from '../../kernel/index.js';
import type { IssueText, ProposedPart, SplitBounds } from '../../parser/index.js';

/** An issue to open for a part of a larger one. */
export interface SubIssueDraft {
  readonly title: string;
  readonly body: string;
}

/**
 * What the coordinator opens and marks in the tracker besides comments and states. Both methods look first, and
 * repeating them changes nothing. Both throw a coded error when the tracker does not answer or refuses.
 */
export interface SubIssues {
  /** Whether anything can be written. When not, neither method is called. */
  readonly canOpen: boolean;
  /** One issue of ours with this marker, in the parent's repository. One that is there stays as it is. */
  ensureSubIssue(parent: IssueRef, marker: string, draft: SubIssueDraft): Promise<IssueRef>;
  /** The issue has this label, made in the repository where it is missing; or has it not. */
  ensureLabel(ref: IssueRef, name: string, isWanted: boolean): Promise<void>;
}

/** Where there is no tracker to write to. */
export const NO_SUB_ISSUES: SubIssues = {
  canOpen: false,
  ensureSubIssue: (parent) => Promise.resolve(parent),
  ensureLabel: () => Promise.resolve(),
};

/** Proposes how to cut an issue. IssueSplitterService is one. */
export interface IssueSplitter {
  /** Whether there is anybody to ask. */
  readonly canSplit: boolean;
  /** Parts that keep to the bounds; null where there is no proposal. */
  split(text: IssueText, bounds: SplitBounds): Promise<readonly ProposedPart[] | null>;
}
