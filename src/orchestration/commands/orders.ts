import type { Remark } from '../ports/remark.types.js';

/** An answer to a command that does not stand on the issue or pull request yet. */
export interface OwedAnswer {
  /** Number of the issue or pull request. */
  readonly on: number;
  /** Id of the comment with the command. */
  readonly comment: number;
  readonly text: string;
}

/** A fresh start that a person ordered. */
export interface RetryOrder {
  /** Login. */
  readonly by: string;
  /** What was said with it, and what was said while the job was paused. */
  readonly remarks: readonly Remark[];
}

/** A pause that a person ordered. */
export interface PauseOrder {
  /** Login. */
  readonly by: string;
  /** Id of the comment with the command: what was said after it is given to the agent. */
  readonly comment: number;
  /** When that was written, as a ReadMark has it; null where it is not known. */
  readonly at?: number | null;
}

/** What people ordered by commands. Kept with the job, so that no command is carried out twice and none is forgotten. */
export interface Orders {
  /** By the number of the issue or pull request: the newest comment that was read for commands. */
  readonly read: Readonly<Record<string, number>>;
  /** When those were written, as a ReadMark has it. What is missing is not known. */
  readonly readAt: Readonly<Record<string, number>>;
  /** The agent profile that a person chose; null for the cheapest that can do it. */
  readonly profile: string | null;
  /** The priority that a person set; null for that of the labels. */
  readonly priority: number | null;
  /** Null unless the job is paused. */
  readonly pause: PauseOrder | null;
  /** Null unless a fresh start was ordered and has not been made. */
  readonly retry: RetryOrder | null;
  /** Who ended the job by a command: that the bot is still assigned then is no reason to begin again. */
  readonly cancelledBy: string | null;
  /** Oldest first. */
  readonly owed: readonly OwedAnswer[];
}

/** What holds where nobody ordered anything. */
export const NO_ORDERS: Orders = {
  read: {},
  readAt: {},
  profile: null,
  priority: null,
  pause: null,
  retry: null,
  cancelledBy: null,
  owed: [],
};

/** What is left of the orders when the job has begun afresh; of those for work that is over, nothing but what was read. */
export function ordersAfterStart(orders: Orders, isOver: boolean): Orders {
  const { read, readAt, owed } = orders;
  return isOver && orders.retry === null
    ? { ...NO_ORDERS, read, readAt, owed }
    : { ...orders, pause: null, retry: null, cancelledBy: null };
}
