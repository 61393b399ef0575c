import { Inject, Injectable } from '@nestjs/common';

import type { SplitProposal } from '../../agents/index.js';
import { messageOf, type IssueRef } from '../../kernel/index.js';
import type { ProposedPart } from '../../parser/index.js';
import type { Job } from '../../queue/index.js';
import type { Split } from '../ports/issue-split.types.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails, storeDetails, type JobDetails } from '../job-details.js';
import type { IssueSplit, WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { RepositorySettings } from './repository-settings.js';
import { isPart, partMarker, partsComment, subIssueDraft } from './sub-issue-text.js';

/** At most so many issues are opened for one. */
const MOST_PARTS = 8;
const EPIC = 'epic';

/**
 * Marks issues that are too large for every agent, and opens issues for their parts where the repository asks for it:
 * never for a part, and never twice. Nobody is assigned to a part: a person decides what is begun.
 */
@Injectable()
export class EpicKeeper {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(RepositorySettings) private readonly settings: RepositorySettings,
  ) {}

  /**
   * Shows whether an issue is too large, and begins to split it.
   *
   * @param proposal how it would fit; null where it is not too large, or no size would do
   */
  async mark(issue: TrackedIssue, proposal: SplitProposal | null): Promise<void> {
    const { subIssues, splitter, queue } = this.options;
    if (!subIssues.canOpen) return;
    const isTooLarge = proposal !== null && proposal.parts > 1;
    const hasLabel = issue.labels.includes(this.label);
    if (isTooLarge !== hasLabel) {
      await this.tried(issue.ref, () => subIssues.ensureLabel(issue.ref, this.label, isTooLarge));
    }
    const isForSplitting = isTooLarge && proposal.parts <= MOST_PARTS && !isPart(issue.body) && splitter?.canSplit;
    const job = await queue.require(issue.ref);
    const { split } = readDetails(job.details);
    if (!isForSplitting) {
      // What was proposed for a text that is no more is not gone on with.
      if (split !== null && !split.isDone) await this.store(job, split.parts && { ...split, isDone: true });
      return;
    }
    if (!(await this.settings.of(issue.ref)).decompose) return;
    if (split === null || split.parts === null) await this.store(job, { proposal, parts: null, isDone: false });
    await this.goOn();
  }

  /** Goes on with every split that is not done. Call it with each sweep. */
  async goOn(): Promise<void> {
    for (const job of await this.options.queue.list({ states: ['needs_attention'] })) {
      const details = readDetails(job.details);
      if (details.split === null || details.split.isDone) continue;
      if (!(await this.settings.of(job.issue)).decompose) continue;
      await this.tried(job.issue, () => this.split(job, details));
    }
  }

  private get label(): string {
    return `${this.options.labelScope}-size/too-large`;
  }

  private async split(job: Job, details: JobDetails): Promise<void> {
    const { tracker, subIssues, bus, botName } = this.options;
    const planned = await this.plan(job, details);
    if (planned?.parts === null || planned === null) return;
    const { parts } = planned;
    const refs: IssueRef[] = [];
    for (const [index, part] of parts.entries()) {
      const draft = subIssueDraft(job.issue, part, index, parts.length);
      refs.push(await subIssues.ensureSubIssue(job.issue, partMarker(job.issue, index), draft));
    }
    await this.link(job.issue, parts, refs);
    await subIssues.ensureLabel(job.issue, EPIC, true);
    await tracker.ensureComment(job.issue, 'parts', partsComment(parts, refs, botName));
    await this.store(await this.options.queue.require(job.issue), { ...planned, isDone: true });
    bus.publish({ type: 'orchestration.issue-split', issue: job.issue, parts: refs } satisfies IssueSplit);
  }

  /** What was proposed, stored before anything is opened. Null where nobody proposes anything. */
  private async plan(job: Job, { body, split }: JobDetails): Promise<Split | null> {
    if (split === null || split.parts !== null) return split;
    const text = { ref: job.issue, title: job.title, body };
    const parts = (await this.options.splitter?.split(text, { ...split.proposal, most: MOST_PARTS })) ?? null;
    if (parts === null) return null;
    const planned = { ...split, parts };
    await this.store(job, planned);
    return planned;
  }

  /** The issue waits for its parts, and a part for those before it that it needs. */
  private async link(parent: IssueRef, parts: readonly ProposedPart[], refs: readonly IssueRef[]): Promise<void> {
    const { links } = this.options;
    if (!links.canLink) return;
    for (const [index, blocked] of refs.entries()) {
      const needed = (parts[index]?.after ?? []).flatMap((at) => refs[at] ?? []);
      for (const blocker of needed) await links.ensureLink({ blocker, blocked });
      await links.ensureLink({ blocker: blocked, blocked: parent });
    }
  }

  private async store(job: Job, split: Split | null): Promise<void> {
    const details = storeDetails({ ...readDetails(job.details), split });
    await this.options.queue.enqueue({ ...job, details }, job.reason);
  }

  /** What fails is tried again with the next sweep, and holds up nothing. */
  private async tried(issue: IssueRef, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const reason = messageOf(error);
      this.options.bus.publish({ type: 'orchestration.write-back-failed', issue, reason } satisfies WriteBackFailed);
    }
  }
}
