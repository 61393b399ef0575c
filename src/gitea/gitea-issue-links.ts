import { Injectable } from '@nestjs/common';
import { issueKey, type IssueRef } from '../kernel/index.js';
import { Convergence } from './convergence.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaLinksClient } from './gitea-links-client.js';
import { GiteaAuthError, GiteaRequestError } from './gitea.errors.js';
import type { GiteaIssue, IssueLink, LinkOutcome } from './gitea.types.js';

/** Answers that say that Gitea will not have it, however often it is asked. */
const REFUSALS = new Set([400, 404, 405, 409, 412, 422, 423]);
const DONE: LinkOutcome = { kind: 'done' };

/**
 * Gitea's and Forgejo's own links between issues. Looks before it writes, and after a failure: a 500 of these routes
 * can mean that the link is there already.
 */
@Injectable()
export class GiteaIssueLinks {
  constructor(
    private readonly client: GiteaClient,
    private readonly routes: GiteaLinksClient,
    private readonly convergence: Convergence,
  ) {}

  /** Whether anything can be written: there is a token. */
  get canLink(): boolean {
    return this.client.hasToken;
  }

  /** The link is there, or Gitea will not have it. */
  ensureLink({ blocker, blocked }: IssueLink): Promise<LinkOutcome> {
    return this.change(blocked, async () => {
      const there = await this.read(blocker);
      if (await this.isLinked(there, blocked)) return DONE;
      // Gitea refuses circles of two with a 500, and accepts longer ones (models/issues/dependency.go).
      if (await this.isLinked(await this.read(blocked), blocker)) {
        return { kind: 'refused', why: 'Each issue would wait for the other.' };
      }
      await this.routes.addDependency(blocked, there);
      return DONE;
    });
  }

  /** The link is not there, or Gitea will not let it go. */
  ensureNoLink({ blocker, blocked }: IssueLink): Promise<LinkOutcome> {
    return this.change(blocked, async () => {
      const there = await this.read(blocker);
      if (await this.isLinked(there, blocked)) await this.routes.removeDependency(blocked, there);
      return DONE;
    });
  }

  private change(blocked: IssueRef, lookAndWrite: () => Promise<LinkOutcome>): Promise<LinkOutcome> {
    return this.convergence.reach(`links of ${issueKey(blocked)}`, async () => {
      try {
        return await lookAndWrite();
      } catch (error) {
        const why = refusalOf(error);
        if (why === null) throw error;
        return { kind: 'refused', why };
      }
    });
  }

  /** The issue's address as Gitea spells it. */
  private async read(ref: IssueRef): Promise<IssueRef> {
    const { repository, number }: GiteaIssue = await this.client.issue(ref);
    return repository === null ? ref : { owner: repository.owner, repo: repository.name, number };
  }

  private async isLinked(blocker: IssueRef, blocked: IssueRef): Promise<boolean> {
    const blockers = await this.client.issueDependencies(blocked);
    return blockers.some((issue) => issue !== null && isAt(issue, blocker));
  }
}

function refusalOf(error: unknown): string | null {
  const isRefused = error instanceof GiteaRequestError && REFUSALS.has(error.status);
  // 403: the token or the account may not; the next one that may is given by a person.
  const isForbidden = error instanceof GiteaAuthError && error.status === 403;
  return isRefused || isForbidden ? error.message : null;
}

function isAt({ repository, number }: GiteaIssue, ref: IssueRef): boolean {
  return repository !== null && issueKey({ owner: repository.owner, repo: repository.name, number }) === issueKey(ref);
}
