import { issueKey, repositoryKey, type IssueRef } from '../../kernel/index.js';
import type { IssueLink } from '../ports/issue-links.port.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';

/** A link that the coordinator wrote for an issue's text, or is about to. */
export interface OwnLink extends IssueLink {
  /** False from before it is written until it was seen: a crash in between must not make it a person's. */
  readonly isWritten: boolean;
}

/** What to write, and what to remember before anything is written. */
export interface LinkPlan {
  readonly toAdd: readonly IssueLink[];
  readonly toRemove: readonly IssueLink[];
  readonly own: readonly OwnLink[];
}

/** What an issue's text says of its dependencies. */
export interface NamedDependencies {
  readonly blockedBy: readonly IssueRef[];
  readonly blocks: readonly IssueRef[];
}

/**
 * Compares the dependencies that an issue's text names with the tracker's links.
 *
 * A link that somebody else made is never touched. One of ours goes when the text no longer names it. One of ours that
 * a person took away is not written again as long as the text stays: it would be taken away again.
 *
 * @param own what is remembered of the links written for this issue
 * @param mayLinkOthers whether links between repositories are written
 */
export function planLinks(
  issue: Pick<TrackedIssue, 'ref' | 'blockedBy' | 'blocks'>,
  named: NamedDependencies,
  own: readonly OwnLink[],
  mayLinkOthers: boolean,
): LinkPlan {
  const present = keyed([
    ...issue.blockedBy.map((blocker) => ({ blocker: blocker.issue, blocked: issue.ref })),
    ...issue.blocks.map((blocked) => ({ blocker: issue.ref, blocked })),
  ]);
  const wanted = keyed(namedLinks(issue.ref, named).filter((link) => mayLinkOthers || isWithinRepository(link)));
  const known = new Map(own.map((link) => [linkKey(link), link]));

  const missing = [...wanted].filter(([key]) => !present.has(key) && known.get(key)?.isWritten !== true);
  const kept = own.filter((link) => wanted.has(linkKey(link)));
  const unwanted = own.filter((link) => !wanted.has(linkKey(link)) && present.has(linkKey(link)));
  return {
    toAdd: missing.map(([, link]) => link),
    toRemove: unwanted.map(({ blocker, blocked }) => ({ blocker, blocked })),
    own: [
      ...kept.map((link) => ({ ...link, isWritten: link.isWritten || present.has(linkKey(link)) })),
      ...missing.filter(([key]) => !known.has(key)).map(([, link]) => ({ ...link, isWritten: false })),
      ...unwanted,
    ],
  };
}

/** Which issue waits for which: the same for every spelling of their names. */
export function linkKey({ blocker, blocked }: IssueLink): string {
  return `${issueKey(blocker)} ${issueKey(blocked)}`;
}

/** The links that a text calls for. An issue that names itself waits for nothing. */
export function namedLinks(ref: IssueRef, { blockedBy, blocks }: NamedDependencies): readonly IssueLink[] {
  return [
    ...blockedBy.map((blocker) => ({ blocker, blocked: ref })),
    ...blocks.map((blocked) => ({ blocker: ref, blocked })),
  ].filter(({ blocker, blocked }) => issueKey(blocker) !== issueKey(blocked));
}

/** The links of ours that the text no longer names. */
export function leavingLinks(ref: IssueRef, named: NamedDependencies, own: readonly OwnLink[]): readonly OwnLink[] {
  const wanted = keyed(namedLinks(ref, named));
  return own.filter((link) => !wanted.has(linkKey(link)));
}

function isWithinRepository({ blocker, blocked }: IssueLink): boolean {
  return repositoryKey(blocker) === repositoryKey(blocked);
}

function keyed(links: readonly IssueLink[]): ReadonlyMap<string, IssueLink> {
  return new Map(links.map((link) => [linkKey(link), link]));
}
