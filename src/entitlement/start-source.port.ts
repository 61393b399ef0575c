import type { IssueRef } from '../kernel/index.js';
import type { Person } from './entitlement.types.js';

/** The act that made an issue work for the bot: assigning it, or opening it again. */
export interface Start {
  /** Grows with every act on the issue, and is of one count with the ids of comments (Gitea models/issues/comment.go). */
  readonly eventId: number;
  readonly person: Person;
  /** When it was done, by the tracker's clock, in milliseconds since 1970; null where that is not known. */
  readonly at: number | null;
}

/** How far the acts on an issue were read. */
export interface HistoryMark {
  /** Of the newest that was read; 0 for none. */
  readonly id: number;
  /** When that was, by the tracker's clock, in milliseconds since 1970; null where it is not known: then all is read. */
  readonly at: number | null;
}

/** What was found since a mark. */
export interface StartReading {
  /** The newest since then; null where there was none. */
  readonly start: Start | null;
  readonly readTo: HistoryMark;
}

/** Knows who made issues work for the bot. Throws a coded error when it gets no answer. */
export interface StartSource {
  /** Whether there is anybody to ask. When not, null means *unknown*, and neither method is worth calling. */
  readonly canTell: boolean;
  /** The newest such act after the mark; null where the tracker cannot tell. What is before the mark is not read again. */
  startsAfter(ref: IssueRef, mark: HistoryMark): Promise<StartReading | null>;
  /**
   * Who took this label away last; null where the tracker cannot tell, or it was set since.
   *
   * @param since what was done long before this moment is not read, by the tracker's clock in milliseconds since 1970;
   *   null for everything
   */
  labelRemoverOf(ref: IssueRef, label: string, since: number | null): Promise<Person | null>;
}

/** The default: nobody can tell. */
export const UNKNOWN_STARTS: StartSource = {
  canTell: false,
  startsAfter: async () => null,
  labelRemoverOf: async () => null,
};
