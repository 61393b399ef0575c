import type { IssueRef } from '../../kernel/index.js';

/** Which repository: owner and name. */
export type RepositoryRef = Pick<IssueRef, 'owner' | 'repo'>;

/** What an account may do in a repository, from nothing to everything. */
export const ACCESS_LEVELS = ['none', 'read', 'write', 'admin'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** The text of a file, or null to delete it. */
export type FileContent = string | { readonly content: string; readonly isExecutable: boolean } | null;

export interface FakeUser {
  readonly id: number;
  readonly login: string;
  readonly isAdmin: boolean;
}

/** A team of an organisation, which has all its repositories. */
export interface FakeTeam {
  readonly id: number;
  readonly organization: FakeUser;
  readonly name: string;
  /** By unit, such as `repo.code`. */
  readonly units: Readonly<Record<string, AccessLevel>>;
  readonly members: Set<FakeUser>;
}

export interface FakeToken {
  readonly user: FakeUser;
  /** `all`, or names such as `write:issue`. */
  readonly scopes: readonly string[];
}

export interface FakeLabel {
  readonly id: number;
  name: string;
  color: string;
  description: string;
  exclusive: boolean;
}

export interface FakeComment {
  readonly id: number;
  readonly author: FakeUser;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** One line of an issue's history, as `GET …/timeline` tells it. */
export interface FakeTimelineEntry {
  readonly id: number;
  readonly type: 'assignees' | 'close' | 'reopen' | 'label' | 'comment' | 'change_title' | 'merge_pull';
  readonly by: FakeUser;
  readonly at: number;
  readonly assignee: FakeUser | null;
  readonly isRemoved: boolean;
  /** Of a label's line: `1` where it was added, empty where it was taken away. */
  readonly body: string;
  readonly label: FakeLabel | null;
  /** Of a changed title: before and after. */
  readonly titles: readonly [string, string];
}

/** What a line of history says besides who and when. `id` is the comment's, where it is one. */
export type FakeTimelineDetails = Partial<
  Pick<FakeTimelineEntry, 'id' | 'assignee' | 'isRemoved' | 'body' | 'label' | 'titles'>
>;

/** A remark of a review on a line of the change, or an answer to one. */
export interface FakeReviewRemark {
  readonly id: number;
  readonly author: FakeUser;
  readonly path: string;
  /** After the change; of a deleted line, the one before it, below zero. */
  readonly line: number;
  readonly body: string;
  /** Who said that it is settled. */
  resolver: FakeUser | null;
  readonly createdAt: number;
}

export interface FakeReview {
  readonly id: number;
  readonly author: FakeUser;
  /** modules/structs/pull_review.go `ReviewStateType`. */
  readonly state: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT' | 'PENDING' | 'REQUEST_REVIEW';
  readonly body: string;
  /** The head when it was submitted. */
  readonly commit: string;
  isDismissed: boolean;
  readonly remarks: FakeReviewRemark[];
  readonly submittedAt: number;
}

/** What makes an issue a pull request. */
export interface FakePull {
  readonly id: number;
  readonly headBranch: string;
  baseBranch: string;
  headCommit: string;
  baseCommit: string;
  mergeCommit: string | null;
  mergedAt: number | null;
  mergedBy: FakeUser | null;
  /** What head and base have in common, as last worked out. */
  mergeBase: string;
  readonly reviews: FakeReview[];
}

export interface FakeIssue {
  readonly id: number;
  readonly number: number;
  readonly repository: FakeRepository;
  readonly author: FakeUser;
  title: string;
  body: string;
  state: 'open' | 'closed';
  assignees: FakeUser[];
  labels: FakeLabel[];
  readonly comments: FakeComment[];
  readonly blockers: Set<FakeIssue>;
  readonly timeline: FakeTimelineEntry[];
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | null;
  /** Null on issues. */
  readonly pull: FakePull | null;
}

export interface FakeStatus {
  readonly id: number;
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creator: FakeUser;
  readonly createdAt: number;
}

export interface FakeRepository {
  readonly id: number;
  readonly owner: FakeUser;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  /** The bare repository on disk, absolute. */
  readonly directory: string;
  readonly collaborators: Map<string, AccessLevel>;
  readonly issues: Map<number, FakeIssue>;
  readonly labels: FakeLabel[];
  readonly statuses: FakeStatus[];
  readonly createdAt: number;
  /** The branches as last seen, by name. */
  branches: ReadonlyMap<string, string>;
  /** Issues and pull requests share one row of numbers. */
  lastNumber: number;
  hasDependencies: boolean;
  isArchived: boolean;
}

export interface FakeHook {
  readonly id: number;
  /** Null for the hook of an owner, and for a system hook, which hears of every repository. */
  readonly repository: FakeRepository | null;
  /** Whose repositories it hears of; null for the other two. */
  readonly owner: FakeUser | null;
  readonly url: string;
  readonly secret: string;
  readonly contentType: 'json' | 'form';
  readonly authorization: string;
  /** As asked for, such as `issues` or `issues_only`. */
  events: readonly string[];
  isActive: boolean;
}

/** One webhook request and what became of it. */
export interface FakeDelivery {
  /** What `X-Gitea-Delivery` said. */
  readonly id: string;
  readonly hookId: number;
  readonly event: string;
  readonly eventType: string;
  /** The JSON text, byte for byte. */
  readonly body: string;
  /** Null before an answer came, and when none came. */
  status: number | null;
  /** Why none came. */
  failure: string | null;
}

/** One request to the REST interface or to git over HTTP. */
export interface FakeRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  readonly user: string | null;
  readonly status: number;
}

/** One request to the REST interface with its answer, both as they were before anything went wrong on purpose. */
export interface FakeExchange {
  readonly method: string;
  /** After `/api/v1`, without the query. */
  readonly path: string;
  /** With its question mark; empty without a query. */
  readonly query: string;
  /** The JSON that was sent; undefined where there was none, or it was none. */
  readonly sent: unknown;
  readonly status: number;
  /** The JSON that was answered; undefined where the body was empty. */
  readonly received: unknown;
}

export interface FakeGiteaOptions {
  /**
   * What `GET /version` says. From 1.27 on `assigned` comes after `opened`, and Forgejo's form
   * (`11.0.1+gitea-1.22.0`) adds Forgejo's headers to deliveries.
   * @default '1.26.4'
   */
  readonly version?: string;
  /**
   * What Gitea calls itself in every URL it writes: ROOT_URL of its configuration.
   * @default the address the server listens at
   */
  readonly rootUrl?: string;
  /** Accounts to begin with. */
  readonly users?: readonly string[];
  /**
   * `[api] DEFAULT_PAGING_NUM`
   * @default 30
   */
  readonly defaultPageSize?: number;
  /**
   * `[api] MAX_RESPONSE_ITEMS`
   * @default 50
   */
  readonly largestPageSize?: number;
  /**
   * How long a webhook receiver may take, in milliseconds: `[webhook] DELIVER_TIMEOUT`.
   * @default 5000
   */
  readonly deliverTimeoutMs?: number;
  /**
   * Directories in which git is looked for, separated by colons.
   * @default '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'
   */
  readonly searchPath?: string;
  /**
   * The time, in milliseconds since 1970.
   * @default the machine's clock
   */
  readonly now?: () => number;
  /**
   * `[webhook] ALLOWED_HOST_LIST`: *external* is what Gitea starts with, and refuses every receiver on this machine.
   * @default 'all'
   */
  readonly allowedHosts?: 'all' | 'external';
  /** Is told of every exchange over the REST interface, as when answers are held against Gitea's description. */
  readonly onExchange?: (exchange: FakeExchange) => void;
}

export interface RepositoryOptions {
  readonly owner: string;
  readonly name: string;
  /** The first commit. Without any the repository is empty. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** @default false */
  readonly private?: boolean;
  /** @default 'main' */
  readonly defaultBranch?: string;
  /** Logins and what they may do. The owner may do everything. */
  readonly collaborators?: Readonly<Record<string, AccessLevel>>;
  /** Branches nobody pushes to. Merging a pull request into them works. */
  readonly protectedBranches?: readonly string[];
  /**
   * Whether issues of it may depend on others.
   * @default true
   */
  readonly hasDependencies?: boolean;
}

export interface NewIssue {
  readonly title: string;
  readonly body?: string;
  readonly assignees?: readonly string[];
  /** Names. Created where the repository has none of the name. */
  readonly labels?: readonly string[];
}

/** Who does it: a login. */
export interface Actor {
  readonly by: string;
}
