import { formatIssueRef, repositoryKey, type IssueRef } from '../../kernel/index.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import {
  ACCESS_LEVELS,
  type AccessLevel,
  type FakeHook,
  type FakeIssue,
  type FakeLabel,
  type FakeRepository,
  type FakeTimelineDetails,
  type FakeTeam,
  type FakeTimelineEntry,
  type FakeToken,
  type FakeUser,
  type RepositoryRef,
} from './fake-gitea.types.js';
import type { GitPlace } from './run-git.js';
import { permissionOfTeam, teamsOf } from './teams.js';

/** What the server was started with, every default filled in. */
export interface WorldSettings {
  /** Where the bare repositories are kept. */
  readonly folder: string;
  /** Without a slash at its end. */
  readonly rootUrl: string;
  readonly version: string;
  readonly defaultPageSize: number;
  readonly largestPageSize: number;
  readonly searchPath: string;
  readonly now: () => number;
}

/** Tells the hooks that want an event of this type about it. */
export type Announce = (repository: FakeRepository, eventType: string, payload: object) => void;

/** Tells one hook of an event, whatever it asked for. */
export type Deliver = (hook: FakeHook, eventType: string, payload: object) => void;

/** Everything the fake remembers, and the rules of who may see it. It answers nobody and sends nothing itself. */
export class FakeGiteaWorld {
  readonly users = new Map<string, FakeUser>();
  readonly tokens = new Map<string, FakeToken>();
  /** Of the accounts that were made with one. */
  readonly passwords = new Map<FakeUser, string>();
  readonly repositories = new Map<string, FakeRepository>();
  readonly teams: FakeTeam[] = [];
  /** By organisation: the labels that all of its repositories have. */
  readonly organizationLabels = new Map<FakeUser, FakeLabel[]>();
  readonly hooks: FakeHook[] = [];
  private lastId = 0;

  constructor(
    readonly settings: WorldSettings,
    readonly announce: Announce,
    readonly deliver: Deliver,
  ) {}

  /** A new id. One row for everything, so that ids are never issue numbers by accident. */
  newId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  now(): number {
    return this.settings.now();
  }

  /** Whether the server is at least this Gitea. Forgejo's version names the Gitea it came from. */
  isAtLeast(major: number, minor: number): boolean {
    const [, ours = '0', ourMinor = '0'] =
      /(\d+)\.(\d+)[^+]*$/.exec(this.settings.version.replace(/^.*gitea-/, '')) ?? [];
    return Number(ours) > major || (Number(ours) === major && Number(ourMinor) >= minor);
  }

  addUser(login: string, isAdmin = false): FakeUser {
    const known = this.users.get(login.toLowerCase());
    if (known) return known;
    const user = { id: this.newId(), login, isAdmin };
    this.users.set(login.toLowerCase(), user);
    return user;
  }

  /** Takes an account away, with its tokens; what it wrote stays, and it stays assigned nowhere. */
  removeUser(user: FakeUser): void {
    this.users.delete(user.login.toLowerCase());
    this.passwords.delete(user);
    for (const [token, of] of this.tokens) if (of.user === user) this.tokens.delete(token);
    for (const repository of this.repositories.values()) {
      repository.collaborators.delete(user.login.toLowerCase());
      for (const issue of repository.issues.values()) {
        issue.assignees = issue.assignees.filter((assignee) => assignee !== user);
      }
    }
  }

  /** @throws {FakeGiteaError} if there is none of that name */
  user(login: string): FakeUser {
    const user = this.users.get(login.toLowerCase());
    if (!user) throw new FakeGiteaError(`There is no user ${login}. Create it with createUser().`);
    return user;
  }

  findRepository(ref: RepositoryRef): FakeRepository | null {
    return this.repositories.get(repositoryKey(ref)) ?? null;
  }

  /** @throws {FakeGiteaError} if there is none of that name */
  repository(ref: RepositoryRef): FakeRepository {
    const repository = this.findRepository(ref);
    if (!repository) throw new FakeGiteaError(`There is no repository ${ref.owner}/${ref.repo}`);
    return repository;
  }

  /** @throws {FakeGiteaError} if there is none of that number */
  issue(ref: IssueRef): FakeIssue {
    const issue = this.repository(ref).issues.get(ref.number);
    if (!issue) throw new FakeGiteaError(`There is no issue ${formatIssueRef(ref)}`);
    return issue;
  }

  place(repository: FakeRepository): GitPlace {
    return { directory: repository.directory, searchPath: this.settings.searchPath };
  }

  accessOf(user: FakeUser | null, repository: FakeRepository): AccessLevel {
    if (user && (user.isAdmin || user.id === repository.owner.id)) return 'admin';
    const collaborates = user ? (repository.collaborators.get(user.login.toLowerCase()) ?? 'none') : 'none';
    const byTeams = teamsOf(this, repository).filter(({ members }) => user !== null && members.has(user));
    const given: readonly AccessLevel[] = [
      collaborates,
      ...byTeams.map(permissionOfTeam),
      repository.isPrivate ? 'none' : 'read',
    ];
    return ACCESS_LEVELS.findLast((level) => given.includes(level)) ?? 'none';
  }

  may(user: FakeUser | null, wanted: AccessLevel, repository: FakeRepository): boolean {
    return ACCESS_LEVELS.indexOf(this.accessOf(user, repository)) >= ACCESS_LEVELS.indexOf(wanted);
  }

  /** Those that `issue` blocks. */
  dependants(issue: FakeIssue): FakeIssue[] {
    return [...this.repositories.values()]
      .flatMap((repository) => [...repository.issues.values()])
      .filter((other) => other.blockers.has(issue));
  }

  hasOpenBlockers(issue: FakeIssue): boolean {
    return [...issue.blockers].some((blocker) => blocker.state === 'open');
  }

  /** Notes a line of the issue's history and that it changed. */
  note(issue: FakeIssue, type: FakeTimelineEntry['type'], by: FakeUser, details: FakeTimelineDetails = {}): void {
    const at = this.now();
    const { id = this.newId(), assignee = null, isRemoved = false, body = '', label = null } = details;
    issue.timeline.push({ id, type, by, at, assignee, isRemoved, body, label, titles: details.titles ?? ['', ''] });
    issue.updatedAt = at;
  }
}
