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
import { readAllPages, readWholeList } from './read-all-pages.js';
import {
  readComment,
  readCommitStatus,
  readIssue,
  readLabel,
  readLinkedIssue,
  readList,
  readPullRequest,
  readRepository,
  readUser,
  readVersion,
} from './read-answer.js';

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

  /** Every open issue assigned to the token's account, in all repositories. All of them or an error. */
  async openIssuesAssignedToMe(): Promise<GiteaIssue[]> {
    const query = { assigned: 'true', state: 'open', type: 'issues' };
    return readWholeList(this.http.pages(['repos', 'issues', 'search'], readIssue, query), ({ id }) => id);
  }

  /** What blocks the issue; null for each that the bot may not see. */
  async issueDependencies(ref: IssueRef): Promise<(GiteaIssue | null)[]> {
    return readAllPages(this.http.pages([...issuePath(ref), 'dependencies'], readLinkedIssue), linkedKey);
  }

  /** What the issue blocks, as far as the bot may see it. */
  async issueBlocks(ref: IssueRef): Promise<GiteaIssue[]> {
    return readAllPages(this.http.pages([...issuePath(ref), 'blocks'], readIssue), ({ id }) => id);
  }

  /** Every comment: Gitea does not page them. */
  async comments(ref: IssueRef): Promise<GiteaComment[]> {
    return readList(await this.http.get([...issuePath(ref), 'comments']), readComment);
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
    return readAllPages(this.http.pages([...repositoryPath(ref), 'labels'], readLabel), ({ id }) => id);
  }

  /** The labels that the repository's organisation has for all of its repositories; 404 where its owner is a person. */
  async organizationLabels({ owner, repo }: Repository): Promise<GiteaLabel[]> {
    const [, organization] = repositoryPath({ owner, repo });
    return readAllPages(this.http.pages(['orgs', organization, 'labels'], readLabel), ({ id }) => id);
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
    const pages = this.http.pages([...repositoryPath(ref), 'pulls'], readPullRequest, { state: 'open' });
    return readAllPages(pages, ({ number }) => number);
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
    return readAllPages(this.http.pages(path, readCommitStatus), ({ id }) => id);
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

/** Hidden ones have no id of their own and are counted, so each is a new one. */
function linkedKey(issue: GiteaIssue | null): unknown {
  return issue === null ? Symbol('hidden') : issue.id;
}
