import type { IssueRef } from '../kernel/index.js';

/** Which repository: owner and name. */
export type Repository = Pick<IssueRef, 'owner' | 'repo'>;

/** An account of the tracker. The id stays when it is renamed; accounts that are nobody's have one below 1. */
export interface Person {
  readonly id: number;
  readonly login: string;
}

/** What somebody may do with a repository, ordered from nothing to everything. */
export type Permission = 'none' | 'read' | 'write' | 'admin';

/** Whether somebody may start or steer work in a repository. */
export interface Standing {
  readonly isEntitled: boolean;
  /** Who it is; null where the tracker does not know the account, or cannot be asked. */
  readonly person: Person | null;
  /** One sentence for people: why, or why not. */
  readonly why: string;
}
