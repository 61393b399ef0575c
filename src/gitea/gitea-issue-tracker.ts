import { Inject, Injectable, Logger } from '@nestjs/common';
import { isSameLogin, isRepositoryName, issueKey, repositoryKey, type IssueRef } from '../kernel/index.js';
import { Convergence } from './convergence.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaHistory, readTo } from './gitea-history.js';
import { GiteaLabels } from './gitea-labels.js';
import { GiteaOwnComments } from './gitea-own-comments.js';
import {
  GiteaAnswerError,
  GiteaAuthError,
  GiteaRequestError,
  GiteaTooLargeError,
  InvalidGiteaNameError,
} from './gitea.errors.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import type {
  CommitStatus,
  GiteaIssue,
  GiteaPullRequest,
  IssueReading,
  PullRequestDraft,
  PullRequestLink,
  ReadMark,
  RemarksReading,
} from './gitea.types.js';
import { isSameText, withMarker } from './own-comments.js';
import { planStateLabel } from './plan-state-label.js';
import { isMissing, orWhenMissing } from './missing.js';

/**
 * Gitea or Forgejo as the issue tracker. Every `ensure…` looks before it writes, writes only what differs, and looks
 * again after a failure that may have taken effect, so that repeating it and losing answers leave one comment, one
 * label, one pull request and one status.
 *
 * Without a token nothing is read or written. Calls about one issue run one after the other.
 */
@Injectable()
export class GiteaIssueTracker {
  private readonly logger = new Logger(GiteaIssueTracker.name);
  private login: string | null;

  constructor(
    private readonly client: GiteaClient,
    private readonly history: GiteaHistory,
    private readonly comments: GiteaOwnComments,
    private readonly convergence: Convergence,
    private readonly labels: GiteaLabels,
    @Inject(GITEA_OPTIONS) private readonly options: GiteaOptions,
  ) {
    this.login = options.botName;
  }

  /** Whether anything can be written: there is a token. */
  get canWrite(): boolean {
    return this.client.hasToken;
  }

  /**
   * The issue, what blocks it and what it blocks. Where dependencies are switched off there are none.
   *
   * Gitea redirects the old name of a repository that was renamed or given away. The issue is gone under that name: it
   * is found under the new one, and one issue must not be two.
   */
  async readIssue(ref: IssueRef): Promise<IssueReading> {
    if (!this.client.hasToken) return { kind: 'unknown' };
    const issue = await this.issueOrNull(ref);
    if (issue === 'too-large') return { kind: 'too-large' };
    if (issue === null || issue.isPullRequest || !isIn(ref, issue)) return { kind: 'gone' };
    const [repository, blockers, blocks] = await Promise.all([
      this.client.repository(ref),
      orWhenMissing(this.client.issueDependencies(ref), []),
      orWhenMissing(this.client.issueBlocks(ref), []),
    ]);
    const seen = blockers.filter((blocker) => blocker !== null);
    return {
      kind: 'found',
      issue: {
        ref,
        title: issue.title,
        body: issue.body,
        author: issue.author?.login ?? null,
        state: issue.state,
        assignees: issue.assignees.map(({ login }) => login),
        labels: issue.labels.map(({ name }) => name),
        blockedBy: seen.map((blocker) => ({ issue: refOf(blocker), isFinished: blocker.state === 'closed' })),
        hiddenBlockers: blockers.length - seen.length,
        blocks: blocks.map(refOf),
        defaultBranch: repository.defaultBranch,
      },
      hasComments: issue.hasComments,
    };
  }

  /**
   * Every open issue assigned to the bot, or null without a token. Never a part of them, but for those that are too large
   * to be read and whose address cannot be told either.
   */
  async assignedIssues(): Promise<readonly IssueRef[] | null> {
    if (!this.client.hasToken) return null;
    const { issues, tooLarge } = await this.client.openIssuesAssignedToMe();
    const named = tooLarge.filter((ref) => ref !== null);
    const unnamed = tooLarge.length - named.length;
    if (unnamed > 0) this.logger.error('Assigned issues are too large to be read', { issues: unnamed });
    // A server that does not know a filter leaves it out without a word.
    return [...issues.filter((issue) => issue.state === 'open' && !issue.isPullRequest).map(refOf), ...named];
  }

  /**
   * One comment of ours with this marker, saying this. The oldest is edited in place; later twins are deleted.
   *
   * @param only *new*: one that stands there is not edited. *standing*: none is made
   */
  async ensureComment(ref: IssueRef, marker: string, body: string, only?: 'new' | 'standing'): Promise<string | null> {
    if (!this.canWrite) return null;
    const text = withMarker(this.options.scrub(body), marker);
    return this.convergence.reach(issueKey(ref), async () => {
      const login = await this.botLogin();
      const [first, ...twins] = await this.comments.find(ref, marker, login);
      if (first === undefined && only === 'standing') return null;
      const { id } = first ?? (await this.client.createComment(ref, text));
      const isEdited = first !== undefined && only !== 'new' && !isSameText(first.body, text);
      if (isEdited) await this.client.editComment(ref, id, text);
      for (const twin of twins) await orWhenMissing(this.client.deleteComment(ref, twin.id), undefined);
      return this.client.commentPage(ref, id);
    });
  }

  /**
   * What was written on the issue or pull request after the mark, by anybody but the bot, and how far was read; null
   * without a token. Comments whose account is gone are nobody's; one that is too large to be read is passed over.
   */
  async remarksAfter(ref: IssueRef, mark: ReadMark): Promise<RemarksReading | null> {
    if (!this.canWrite) return null;
    const bot = await this.botLogin();
    const comments = await this.history.comments(ref, mark);
    const remarks = comments
      .filter(({ id, author }) => id > mark.id && author !== null && !isSameLogin(author.login, bot))
      .toSorted((a, b) => a.id - b.id)
      .map(({ id, at, author, body }) => ({ id, at, author: author?.login ?? '', text: body }));
    return { remarks, readTo: readTo(mark, comments) };
  }

  /**
   * Exactly this label of the coordinator's scope, or none of them. One that the organisation has is taken; where there
   * is none, it is made in the repository.
   *
   * @throws {InvalidGiteaNameError} if the label is outside the scope
   */
  async ensureStateLabel(ref: IssueRef, label: string | null): Promise<void> {
    const { labelScope } = this.options;
    if (label !== null && !label.startsWith(`${labelScope}/`)) {
      throw new InvalidGiteaNameError(`${JSON.stringify(label)} is outside the scope ${labelScope}`);
    }
    if (!this.canWrite) return;
    await this.convergence.reach(issueKey(ref), async () => {
      const current = await this.client.issueLabels(ref);
      const plan = planStateLabel(current, labelScope, label);
      // Adding an exclusive label takes the others of its scope away in the same event.
      const after = label !== null && plan.isMissing ? await this.labels.add(ref, label) : current;
      for (const id of planStateLabel(after, labelScope, label).toRemove) {
        await orWhenMissing(this.client.removeIssueLabel(ref, id), undefined);
      }
    });
  }

  /**
   * One open pull request from head to base. Its text is kept up to date where the bot opened it; its title is not.
   *
   * @throws {GiteaAuthError} without a token
   */
  async ensurePullRequest(ref: IssueRef, given: PullRequestDraft): Promise<PullRequestLink> {
    const { scrub } = this.options;
    const draft = { ...given, title: scrub(given.title), body: scrub(given.body) };
    if (!this.canWrite) throw new GiteaAuthError(401, 'Opening a pull request needs a token of Gitea');
    return this.convergence.reach(issueKey(ref), async () => {
      const existing = await this.findPullRequest(ref, draft);
      const { number } = existing ?? (await this.createPullRequest(ref, draft));
      if (existing && !isSameText(existing.body, draft.body)) {
        const isOurs = isSameLogin(existing.author?.login, await this.botLogin());
        if (isOurs) await this.client.editPullRequestBody(ref, number, draft.body);
      }
      return { number, url: this.client.pullRequestPage(ref, number) };
    });
  }

  /** The newest status of its context on the commit says this. */
  async ensureCommitStatus(ref: IssueRef, commit: string, given: CommitStatus): Promise<void> {
    if (!this.canWrite) return;
    const status = { ...given, description: this.options.scrub(given.description) };
    await this.convergence.reach(`${repositoryKey(ref)}@${commit}`, async () => {
      const ofContext = (await this.client.commitStatuses(ref, commit)).filter(
        ({ context }) => context === status.context,
      );
      const newest = ofContext.toSorted((a, b) => b.id - a.id)[0];
      const isSaid =
        newest?.state === status.state &&
        newest.description === status.description &&
        newest.targetUrl === (status.targetUrl ?? '');
      if (!isSaid) await this.client.createCommitStatus(ref, commit, status);
    });
  }

  private async issueOrNull(ref: IssueRef): Promise<GiteaIssue | 'too-large' | null> {
    try {
      return await this.client.issue(ref);
    } catch (error) {
      if (error instanceof GiteaTooLargeError) return 'too-large';
      if (isMissing(error)) return null;
      throw error;
    }
  }

  private async findPullRequest(ref: IssueRef, draft: PullRequestDraft): Promise<GiteaPullRequest | undefined> {
    return (await this.client.openPullRequests(ref)).find((pull) => isOf(pull, draft));
  }

  /** 409 says that somebody else opened it since it was looked for. */
  private async createPullRequest(ref: IssueRef, draft: PullRequestDraft): Promise<GiteaPullRequest> {
    try {
      return await this.client.createPullRequest(ref, draft);
    } catch (error) {
      const isThere = error instanceof GiteaRequestError && error.status === 409;
      const existing = isThere ? await this.findPullRequest(ref, draft) : undefined;
      if (existing) return existing;
      throw error;
    }
  }

  private async botLogin(): Promise<string> {
    this.login ??= (await this.client.whoAmI()).login;
    return this.login;
  }
}

function isOf(pull: GiteaPullRequest, draft: PullRequestDraft): boolean {
  const isBetween = pull.headBranch === draft.headBranch && pull.baseBranch === draft.baseBranch;
  return isBetween && pull.isFromSameRepository && pull.state === 'open';
}

/** Whether the issue came from the repository that was asked. Gitea's names ignore case. */
function isIn(ref: IssueRef, { repository }: GiteaIssue): boolean {
  return (
    repository === null || repositoryKey({ owner: repository.owner, repo: repository.name }) === repositoryKey(ref)
  );
}

/** @throws {GiteaAnswerError} if Gitea left out where it is, or named what is no repository */
function refOf({ repository, number }: GiteaIssue): IssueRef {
  if (repository && isRepositoryName(repository.owner) && isRepositoryName(repository.name)) {
    return { owner: repository.owner, repo: repository.name, number };
  }
  throw new GiteaAnswerError(`Gitea answered with issue ${number} without its repository`);
}
