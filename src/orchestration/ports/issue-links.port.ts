import type { IssueRef } from '../../kernel/index.js';

/** The one issue must be finished before the other may start. */
export interface IssueLink {
  readonly blocker: IssueRef;
  readonly blocked: IssueRef;
}

/**
 * What became of a link that was to be or not to be. *done*: it is so. *refused*: the tracker will not have it so, and
 * asking again changes nothing until a person does.
 */
export type LinkOutcome = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly why: string };

/**
 * The tracker's own links between issues. Both methods look first, and repeating them changes nothing. Both throw a
 * coded error when the tracker does not answer.
 */
export interface IssueLinks {
  /** Whether anything can be written. When not, neither method is called. */
  readonly canLink: boolean;
  ensureLink(link: IssueLink): Promise<LinkOutcome>;
  ensureNoLink(link: IssueLink): Promise<LinkOutcome>;
}

/** Where there is no tracker to write links to. */
export const NO_ISSUE_LINKS: IssueLinks = {
  canLink: false,
  ensureLink: () => Promise.resolve({ kind: 'refused', why: 'There is no issue tracker.' }),
  ensureNoLink: () => Promise.resolve({ kind: 'refused', why: 'There is no issue tracker.' }),
};
