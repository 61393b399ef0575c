import type { CorrectedEstimate } from '../calibration/index.js';
import type { Person, Start } from '../entitlement/index.js';
import type { IssueMetadata } from '../parser/index.js';
import { InvalidJobDetailsError } from './orchestration.errors.js';
import { NO_ORDERS, type Orders } from './commands/orders.js';
import type { ReadMark } from './ports/issue-tracker.port.js';
import type { Split } from './ports/issue-split.types.js';
import type { Notice } from './ports/notice.types.js';
import type { OwnLink } from './dependencies/plan-links.js';
import type { Remark } from './ports/remark.types.js';

export type { Remark };

/** What somebody did who may not: *start*, gave the issue to the bot; *edit*, changed its text. */
export type HaltCause = 'start' | 'edit';

/** Why a job waits until somebody who may has confirmed what somebody else did. */
export interface Halt {
  readonly cause: HaltCause;
  /** One sentence for people: what happened, and what makes the job go on. */
  readonly reason: string;
}

/** Somebody's making a text of an issue. */
export interface Edit {
  /** Login. */
  readonly by: string;
  /** Hash of title and body as they were then. */
  readonly textHash: string;
}

/** What intake knows of an issue and a run needs: kept with the job, opaque to the queue. */
export interface JobDetails {
  /** The issue's text as it was parsed. */
  readonly body: string;
  readonly metadata: IssueMetadata;
  /** The estimate that the profile was chosen by, where calibration made another of it, and why; else null. */
  readonly correction: CorrectedEstimate | null;
  /** Where pull requests go; null for the repository's default branch. */
  readonly baseBranch: string | null;
  /** What people said on the issue after runs had ended with the job in need of them, oldest first; bounded. */
  readonly remarks: readonly Remark[];
  /** Hash of the text that work may go on with, to see that it was edited; empty where none may. */
  readonly textHash: string;
  /** Whether nothing tells who made that text, or that somebody who may has seen it. */
  readonly isPresumed: boolean;
  /** Who made other texts since, as far as deliveries told; bounded, and empty once work goes on with what is there. */
  readonly edits: readonly Edit[];
  /** Whether the job was cut off while it was made of that text, so that all of it is done again. */
  readonly isUnfinished: boolean;
  /** Who made the issue work for the bot when the job was last started; null where nothing tells. */
  readonly startedBy: Person | null;
  /** The id of that act, or of a newer one that was looked at; null where nothing tells. */
  readonly startEvent: number | null;
  /** When that act was, by the tracker's clock, in milliseconds since 1970; null where nothing tells. */
  readonly startAt: number | null;
  /** How far the acts on the issue were read, and the newest that made it work for the bot; null where they were not. */
  readonly history: { readonly readTo: ReadMark; readonly start: Start | null } | null;
  /** Null where the job goes on by itself. */
  readonly halt: Halt | null;
  /** Why its work was begun again while an agent was at it, for the session that takes over; null where it was not. */
  readonly begunAgain: string | null;
  /** Whether its text was edited while an agent was at it, so that a session which goes on is told it anew. */
  readonly isRevised: boolean;
  /** Gitea's `updated_at` of what was acted upon, so that an old delivery changes nothing; empty when not known. */
  readonly issueUpdatedAt: string;
  /** What people ordered by commands. */
  readonly orders: Orders;
  /** The tracker's links that were written because the issue's text names them. */
  readonly links: readonly OwnLink[];
  /** The issues of the circle of dependencies that was named on them, by their keys; empty where there is none. */
  readonly circle: readonly string[];
  /** How the issue is split; null where it is not. */
  readonly split: Split | null;
  /** Comments on the issue that say what is so of it, or are to say that it is not any more. */
  readonly notices: readonly Notice[];
}

/** What is known of a job before anything is. */
const NEW_DETAILS = {
  correction: null,
  baseBranch: null,
  remarks: [],
  links: [],
  circle: [],
  split: null,
  notices: [],
  textHash: '',
  isPresumed: false,
  edits: [],
  isUnfinished: false,
  startedBy: null,
  startEvent: null,
  startAt: null,
  history: null,
  halt: null,
  begunAgain: null,
  isRevised: false,
  issueUpdatedAt: '',
  orders: NO_ORDERS,
} satisfies Omit<JobDetails, 'body' | 'metadata'>;

/** The details of a job that is made of a text. Whatever is not said is as with a job nothing happened to. */
export function newDetails(given: Pick<JobDetails, 'body' | 'metadata'> & Partial<JobDetails>): JobDetails {
  return { ...NEW_DETAILS, ...given };
}

/** The form the queue stores. */
export function storeDetails(details: JobDetails): Readonly<Record<string, unknown>> {
  return { ...details };
}

/**
 * Reads what `storeDetails` gave. Only its outline is checked: nobody but this program writes it.
 *
 * @throws {InvalidJobDetailsError} if it is something else
 */
export function readDetails(stored: Readonly<Record<string, unknown>>): JobDetails {
  const details = stored as Partial<JobDetails>;
  if (typeof details.body !== 'string' || typeof details.metadata !== 'object') {
    throw new InvalidJobDetailsError('A job was stored without the text of its issue. Edit the issue to store it anew');
  }
  // Jobs of an earlier version have orders without the moments of what was read.
  return { ...NEW_DETAILS, ...details, orders: { ...NO_ORDERS, ...details.orders } } as JobDetails;
}
