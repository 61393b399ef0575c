import { Injectable } from '@nestjs/common';
import { KeyedLock, issueKey, repositoryKey, type IssueRef } from '../kernel/index.js';
import { Convergence } from './convergence.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaAnswerError, GiteaAuthError } from './gitea.errors.js';
import { isMissing } from './missing.js';

/** A label's look in Gitea's pages, as every label of ours has it. */
const LABEL_LOOK = { color: '#1d76db', description: 'Set by the coordinator. Changing it by hand changes nothing.' };

/** Gives issues labels by name, and makes those that a repository lacks. */
@Injectable()
export class GiteaLabels {
  private readonly lock = new KeyedLock();
  private readonly ids = new Map<string, number>();

  constructor(
    private readonly client: GiteaClient,
    private readonly convergence: Convergence,
  ) {}

  /** The issue has this label, or has it not. Those of other names stay, unless Gitea takes one of its scope away. */
  async ensure(ref: IssueRef, name: string, isWanted: boolean): Promise<void> {
    await this.convergence.reach(issueKey(ref), async () => {
      const present = (await this.client.issueLabels(ref)).filter((label) => label.name === name);
      if (isWanted && present.length === 0) await this.add(ref, name);
      if (!isWanted) for (const { id } of present) await this.remove(ref, id);
    });
  }

  /** Returns the labels that the issue then has. */
  async add(ref: IssueRef, name: string): ReturnType<GiteaClient['issueLabels']> {
    const after = await this.client.addIssueLabel(ref, await this.idOf(ref, name));
    if (after.some((label) => label.name === name)) return after;
    // The id was of a label that somebody deleted: Gitea skips it without a word.
    this.ids.delete(keyOf(ref, name));
    throw new GiteaAnswerError(`Gitea did not set the label ${name}`);
  }

  private async remove(ref: IssueRef, id: number): Promise<void> {
    try {
      await this.client.removeIssueLabel(ref, id);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** A token may lack the scope to read an organisation; its repository then gets a label of its own. */
  private async idAtOrganization(ref: IssueRef, name: string): Promise<number | undefined> {
    try {
      return (await this.client.organizationLabels(ref)).find((label) => label.name === name)?.id;
    } catch (error) {
      const isNone = isMissing(error);
      const isRefused = error instanceof GiteaAuthError && error.status === 403;
      if (isNone || isRefused) return undefined;
      throw error;
    }
  }

  /**
   * The oldest label of that name in the repository, else the organisation's; made when there is none. Names are not
   * unique, so two coordinators may make it at once: listing again after it was made has both take the same one.
   */
  private async idOf(ref: IssueRef, name: string): Promise<number> {
    const key = keyOf(ref, name);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    return this.lock.hold(key, async () => {
      const find = async (): Promise<number | undefined> => {
        const named = (await this.client.labels(ref)).filter((label) => label.name === name);
        return named.map(({ id }) => id).toSorted((a, b) => a - b)[0];
      };
      let id = (await find()) ?? (await this.idAtOrganization(ref, name));
      if (id === undefined) {
        await this.client.createExclusiveLabel(ref, { name, ...LABEL_LOOK });
        id = await find();
      }
      if (id === undefined) throw new GiteaAnswerError(`Gitea made the label ${name} and does not list it`);
      this.ids.set(key, id);
      return id;
    });
  }
}

function keyOf(ref: IssueRef, name: string): string {
  return `${repositoryKey(ref)} ${name}`;
}
