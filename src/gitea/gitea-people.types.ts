import type { GiteaUser, ReadMark } from './gitea.types.js';

/** An account, for the ports that ask who it is. */
export type Person = GiteaUser;

/** What somebody may do with a repository, ordered from nothing to everything. */
export type Permission = 'none' | 'read' | 'write' | 'admin';

/** *absent*: no such account, or nobody tells who it is. *unknown*: there is no token to ask with. */
export type PermissionReading =
  | { readonly kind: 'found'; readonly person: Person; readonly permission: Permission }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

/** The act that made an issue work for the bot. */
export interface Start {
  /** Grows with every act on the issue. */
  readonly eventId: number;
  readonly person: Person;
  /** When it was done by Gitea's clock, in milliseconds since 1970; null where that is not known. */
  readonly at: number | null;
}

/** What was found of starts since a mark. */
export interface StartReading {
  /** The newest since then; null where there was none. */
  readonly start: Start | null;
  readonly readTo: ReadMark;
}

/** A team of an organisation, and what it may do with the repository it was asked of. */
export interface GiteaTeam {
  readonly id: number;
  /** What all of it may do, whatever the unit: `none`, `read`, `write`, `admin` or `owner`. */
  readonly permission: string;
  /** By unit, such as `repo.code`: `none`, `read`, `write`, `admin` or `owner`. */
  readonly units: Readonly<Record<string, string>>;
}

/** A line of an issue's history, as far as it is read. */
export interface GiteaTimelineEntry {
  readonly id: number;
  /** When it was done, in milliseconds since 1970; null where Gitea does not say. */
  readonly at: number | null;
  /** Of a comment its text. */
  readonly body: string;
  /** `assignees`, `reopen`, `comment` and others. */
  readonly type: string;
  /** Null where its account is gone. */
  readonly by: GiteaUser | null;
  /** Who was assigned or no longer is; null for other lines. */
  readonly assignee: GiteaUser | null;
  /** Whether the assignee is one no longer. */
  readonly isRemoval: boolean;
  /** The label that was set or taken away; null for other lines. */
  readonly label: string | null;
  /** Whether it was set (models/issues/issue_label.go `newIssueLabel` writes `1`). */
  readonly isLabelSet: boolean;
}
