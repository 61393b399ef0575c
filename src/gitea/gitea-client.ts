import { Inject, Injectable } from '@nestjs/common';
import type { IssueRef } from '../kernel/index.js';
import { GiteaHttp } from './gitea-http.js';
import { commitSegment, issuePath, repositoryPath, type Repository } from './gitea-paths.js';
import { GiteaAnswerError } from './gitea.errors.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import type {
  CommitStatus,
  GiteaComment,
  GiteaCommitStatus,
  GiteaIssue,
  GiteaLabel,
  GiteaPullRequest,
  GiteaRepository,
  GiteaUser,
  PullRequestDraft,
} from './gitea.types.js';
import { orWhenMissing } from './missing.js';
import { readAllPages, readWholeList } from './read-all-pages.js';
import { sinceQuery } from './since-query.js';
import {
  readComment,
  readCommitStatus,
  readHeadOfIssue,
  readIssue,
  readLabel,
  readLinkedIssue,
  readList,
  readPullRequest,
  readRepository,
  readUser,
  readVersion,
} from './read-answer.js';

/** The most links of one kind that are read of an issue. */
const MOST_LINKS = 1_000;

/**
 * Gitea's and Forgejo's REST interface, as far as the coordinator uses it: one method an endpoint, each answer read
 * at the door into our types. Reads are repeated after passing failures, writes never: see Convergence.
 *
 * Every method throws a GiteaAuthError, GiteaRequestError, GiteaUnreachableError or GiteaAnswerError when the answer
 * is no success, and an InvalidGiteaNameError for a name that cannot stand in a URL.
 */
@Injectable()
export class GiteaClient {
  constructor(
    @Inject(GITEA_OPTIONS) private readonly options: GiteaOptions,
    @Inject(GiteaHttp) private readonly http: GiteaHttp,
  ) {}

  /** Whether there is a token to ask with. */
  get hasToken(): boolean {
    return this.options.token !== null;
  }

  /** Gitea's version, such as `1.26.4`, or Forgejo's, such as `11.0.1+gitea-1.22.0`. Needs no token. */
  async version(): Promise<string> {
    return readVersion(await this.http.get(['version']));
  }

  /** The account the token belongs to. Needs the scope `read:user`. */
  async whoAmI(): Promise<GiteaUser> {
    return readUser(await this.http.get(['user']));
  }

  async repository(ref: Repository): Promise<GiteaRepository> {
    return readRepository(await this.http.get(repositoryPath(ref)));
  }

  /** An issue or a pull request. */
  async issue(ref: IssueRef): Promise<GiteaIssue> {
    const issue = readIssue(await this.http.get(issuePath(ref)));
    if (issue.number === ref.number) return issue;
    throw new GiteaAnswerError(`Gitea answered with issue ${issue.number} when asked for ${ref.number}`);
  }

  /**
   * Every open issue assigned to the token's account, in all repositories. All of them or an error. Those that are too
   * large to be read are named by themselves: null for each of which not even that can be told.
   */
  async openIssuesAssignedToMe(): Promise<{ issues: GiteaIssue[]; tooLarge: (IssueRef | null)[] }> {
    const found = await readWholeList(
      this.http.list<GiteaIssue | UnreadIssue>(['repos', 'issues', 'search'], readIssue, {
        query: { assigned: 'true', state: 'open', type: 'issues' },
        keyOf: (entry) => ('id' in entry ? entry.id : (entry.unread ?? entry)),
        inPlaceOf: ({ head }) => ({ unread: readHeadOfIssue(head) }),
      }),
    );
    return {
      issues: found.filter((entry) => 'id' in entry),
      tooLarge: found.filter((entry) => 'unread' in entry).map(({ unread }) => unread),
    };
  }

  /**
   * What blocks the issue; null for each that the bot may not see, and for each that is too large to be read. Where there
   * are more than a thousand, one more null stands for the rest.
   */
  async issueDependencies(ref: IssueRef): Promise<(GiteaIssue | null)[]> {
    const list = this.http.list<GiteaIssue | null>([...issuePath(ref), 'dependencies'], readLinkedIssue, {
      keyOf: linkedKey,
      inPlaceOf: () => null,
      most: MOST_LINKS,
    });
    const found = await readAllPages(list);
    return found.length < MOST_LINKS ? found : [...found, null];
  }

  /** What the issue blocks, as far as the bot may see it and it can be read. A thousand of them, where there are more. */
  async issueBlocks(ref: IssueRef): Promise<GiteaIssue[]> {
    const path = [...issuePath(ref), 'blocks'];
    // A limit of 1 means the default to this route (routers/api/v1/repo/issue_dependency.go `GetIssueBlocks`).
    const ways = { keyOf: ({ id }: GiteaIssue) => id, smallestPage: 2, most: MOST_LINKS };
    return readAllPages(this.http.list(path, readIssue, ways));
  }

  /**
   * The comments that were written or changed from this moment on, in milliseconds since 1970; all of them for null.
   * Gitea does not page them, so that they may be too large to be read: `GiteaHistory` reads them then.
   */
  async comments(ref: IssueRef, since: number | null = null): Promise<GiteaComment[]> {
    const path = [...issuePath(ref), 'comments'];
    const { body } = await this.http.send({ method: 'GET', path, query: sinceQuery(since) });
    return readList(body, readComment);
  }

  /** One comment; null where it is gone. */
  async comment(ref: Repository, id: number): Promise<GiteaComment | null> {
    const path = [...repositoryPath(ref), 'issues', 'comments', id];
    // Empty: it is a line of the history that is no comment (routers/api/v1/repo/issue_comment.go `GetIssueComment`).
    const answer = await orWhenMissing(this.http.get(path), null);
    return answer === null ? null : readComment(answer);
  }

  async createComment(ref: IssueRef, body: string): Promise<GiteaComment> {
    const path = [...issuePath(ref), 'comments'];
    return readComment((await this.http.send({ method: 'POST', path, body: { body } })).body);
  }

  async editComment(ref: Repository, id: number, body: string): Promise<void> {
    const path = [...repositoryPath(ref), 'issues', 'comments', id];
    readComment((await this.http.send({ method: 'PATCH', path, body: { body } })).body);
  }

  async deleteComment(ref: Repository, id: number): Promise<void> {
    await this.http.delete([...repositoryPath(ref), 'issues', 'comments', id]);
  }

  /** Whoever may be assigned to the repository's issues: those who may write to it. Gitea does not page them. */
  async assignableUsers(ref: Repository): Promise<GiteaUser[]> {
    return readList(await this.http.get([...repositoryPath(ref), 'assignees']), readUser);
  }

  /** The repository's own labels. Names need not be unique. */
  async labels(ref: Repository): Promise<GiteaLabel[]> {
    return readAllPages(this.http.list([...repositoryPath(ref), 'labels'], readLabel, { keyOf: ({ id }) => id }));
  }

  /** The labels that the repository's organisation has for all of its repositories; 404 where its owner is a person. */
  async organizationLabels({ owner, repo }: Repository): Promise<GiteaLabel[]> {
    const [, organization] = repositoryPath({ owner, repo });
    return readAllPages(this.http.list(['orgs', organization, 'labels'], readLabel, { keyOf: ({ id }) => id }));
  }

  /** Makes a label that pushes the others of its scope out, the scope being the text before its last slash. */
  async createExclusiveLabel(
    ref: Repository,
    label: { readonly name: string; readonly color: string; readonly description: string },
  ): Promise<void> {
    const path = [...repositoryPath(ref), 'labels'];
    readLabel((await this.http.send({ method: 'POST', path, body: { ...label, exclusive: true } })).body);
  }

  async issueLabels(ref: IssueRef): Promise<GiteaLabel[]> {
    return readList(await this.http.get([...issuePath(ref), 'labels']), readLabel);
  }

  /** Adds a label by its id, and returns those the issue then has. An id Gitea does not know is skipped without a word. */
  async addIssueLabel(ref: IssueRef, id: number): Promise<GiteaLabel[]> {
    const path = [...issuePath(ref), 'labels'];
    return readList((await this.http.send({ method: 'POST', path, body: { labels: [id] } })).body, readLabel);
  }

  async removeIssueLabel(ref: IssueRef, id: number): Promise<void> {
    await this.http.delete([...issuePath(ref), 'labels', id]);
  }

  async openPullRequests(ref: Repository): Promise<GiteaPullRequest[]> {
    const ways = { query: { state: 'open' }, keyOf: ({ number }: GiteaPullRequest) => number };
    return readAllPages(this.http.list([...repositoryPath(ref), 'pulls'], readPullRequest, ways));
  }

  async createPullRequest(ref: Repository, draft: PullRequestDraft): Promise<GiteaPullRequest> {
    const { headBranch: head, baseBranch: base, title, body } = draft;
    const path = [...repositoryPath(ref), 'pulls'];
    return readPullRequest((await this.http.send({ method: 'POST', path, body: { head, base, title, body } })).body);
  }

  async editPullRequestBody(ref: Repository, number: number, body: string): Promise<void> {
    const path = [...repositoryPath(ref), 'pulls', number];
    readPullRequest((await this.http.send({ method: 'PATCH', path, body: { body } })).body);
  }

  /** Every status of a commit, of all contexts, old ones included. */
  async commitStatuses(ref: Repository, commit: string): Promise<GiteaCommitStatus[]> {
    const path = [...repositoryPath(ref), 'commits', commitSegment(commit), 'statuses'];
    return readAllPages(this.http.list(path, readCommitStatus, { keyOf: ({ id }) => id }));
  }

  async createCommitStatus(ref: Repository, commit: string, status: CommitStatus): Promise<void> {
    const { context, state, description, targetUrl } = status;
    const path = [...repositoryPath(ref), 'statuses', commitSegment(commit)];
    const body = { context, state, description, target_url: targetUrl ?? '' };
    readCommitStatus((await this.http.send({ method: 'POST', path, body })).body);
  }

  /** Where people see a pull request: made of the configured address, never of what an answer says. */
  pullRequestPage(ref: Repository, number: number): string {
    return `${this.options.baseUrl}/${repositoryPath(ref).slice(1).join('/')}/pulls/${number}`;
  }

  /** Where people read a comment. Gitea leads on to the page of the pull request where it is one. */
  commentPage(ref: IssueRef, id: number): string {
    return `${this.options.baseUrl}/${issuePath(ref).slice(1).join('/')}#issuecomment-${id}`;
  }
}

/** An issue of a list that is too large to be read; null where not even its address can be told. */
interface UnreadIssue {
  readonly unread: IssueRef | null;
}

/** Hidden ones have no id of their own and are counted, so each is a new one. */
function linkedKey(issue: GiteaIssue | null): unknown {
  return issue === null ? Symbol('hidden') : issue.id;
}
