import type { GiteaUser } from './gitea.types.js';

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
  /** `assignees`, `reopen` and others. */
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
