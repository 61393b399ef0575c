import type { IssueRef } from '../kernel/index.js';
import type { Person } from './entitlement.types.js';

/** The act that made an issue work for the bot: assigning it, or opening it again. */
export interface Start {
  /** Grows with every act on the issue, and is of one count with the ids of comments (Gitea models/issues/comment.go). */
  readonly eventId: number;
  readonly person: Person;
}

/** Knows who made issues work for the bot. Throws a coded error when it gets no answer. */
export interface StartSource {
  /** Whether there is anybody to ask. When not, null means *unknown*, and neither method is worth calling. */
  readonly canTell: boolean;
  /** The newest such act; null where the tracker cannot tell. */
  startOf(ref: IssueRef): Promise<Start | null>;
  /** Who took this label away last; null where the tracker cannot tell, or it was set since. */
  labelRemoverOf(ref: IssueRef, label: string): Promise<Person | null>;
}

/** The default: nobody can tell. */
export const UNKNOWN_STARTS: StartSource = {
  canTell: false,
  startOf: async () => null,
  labelRemoverOf: async () => null,
};
