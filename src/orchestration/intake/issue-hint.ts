import type { Delivery, IssueSnapshot } from '../../webhook/index.js';
import type { Edit } from '../job-details.js';
import { textHash } from './present-issue.js';

/** What the deliveries of an issue said, for where the tracker cannot be asked or does not tell. */
export interface IssueHint {
  /** Of the newest. */
  readonly snapshot: IssueSnapshot;
  readonly isDeleted: boolean;
  /** Login of who caused the newest; empty where it does not say. */
  readonly sender: string;
  /** Who assigned somebody, or opened the issue, last, and the text it had; null where no delivery is about that. */
  readonly start: { readonly by: string; readonly textHash: string } | null;
  /** Login of who closed or deleted it, or unassigned somebody, last; null where no delivery is about that. */
  readonly endedBy: string | null;
  /** Who edited title or body, the text that it had then, and logins of those who were assigned. */
  readonly edits: readonly (Edit & { readonly assignees: readonly string[] })[];
  /** Who commented, and the text that the issue had then. */
  readonly comments: readonly { readonly by: string; readonly textHash: string }[];
}

const STARTS: Readonly<Record<string, readonly string[]>> = {
  issues: ['opened', 'reopened'],
  issue_assign: ['assigned'],
};

const ENDS: Readonly<Record<string, readonly string[]>> = {
  issues: ['closed', 'deleted'],
  issue_assign: ['unassigned'],
};

/** What deliveries of one issue say together. */
export function hintOf(deliveries: readonly [Delivery, ...Delivery[]]): IssueHint {
  const newest = newestOf(deliveries);
  const start = newestAmong(deliveries.filter(isStart));
  const edits = deliveries.filter(isEdit);
  return {
    snapshot: newest.issue,
    isDeleted: newest.action === 'deleted' && !newest.kind.includes('comment'),
    sender: newest.sender,
    start: start && { by: start.sender, textHash: textHash(start.issue) },
    endedBy: newestAmong(deliveries.filter(isEnd))?.sender ?? null,
    edits: edits.map(({ sender, issue }) => ({
      by: sender,
      textHash: textHash(issue),
      assignees: issue.assignees,
    })),
    comments: deliveries.filter(isComment).map(({ sender, issue }) => ({ by: sender, textHash: textHash(issue) })),
  };
}

/** Whether somebody assigned somebody, or opened the issue. */
export function isStart({ kind, action }: Delivery): boolean {
  return STARTS[kind]?.includes(action) ?? false;
}

/** Whether somebody closed or deleted it, or unassigned somebody. */
function isEnd({ kind, action }: Delivery): boolean {
  return ENDS[kind]?.includes(action) ?? false;
}

/** Whether somebody edited title or body. */
export function isEdit({ kind, action }: Delivery): boolean {
  return kind === 'issues' && action === 'edited';
}

/** Whether somebody commented on the issue. */
export function isComment({ kind, action }: Delivery): boolean {
  return kind === 'issue_comment' && action === 'created';
}

function newestAmong([first, ...others]: readonly Delivery[]): Delivery | null {
  return first === undefined ? null : newestOf([first, ...others]);
}

/** The delivery with the newest picture of the issue; of equally new ones the last that came. */
export function newestOf(deliveries: readonly [Delivery, ...Delivery[]]): Delivery {
  return deliveries.reduce((best, delivery) =>
    Date.parse(delivery.issue.updatedAt) < Date.parse(best.issue.updatedAt) ? best : delivery,
  );
}
