import { Inject, Injectable } from '@nestjs/common';

import type { SplitProposal } from '../../agents/index.js';
import { messageOf, type IssueRef } from '../../kernel/index.js';
import type { ProposedPart } from '../../parser/index.js';
import type { Job } from '../../queue/index.js';
import type { Split, Unfit } from '../ports/issue-split.types.js';
import { noAgentComment } from './no-agent-comment.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails, storeDetails } from '../job-details.js';
import type { IssueSplit, WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { RepositorySettings } from './repository-settings.js';
import { isPart, partMarker, partsComment, subIssueDraft } from './sub-issue-text.js';

/** At most so many issues are opened for one. */
const MOST_PARTS = 8;
/** A model that proposes nothing for a text is asked about it so often at most. */
const MOST_QUESTIONS = 3;
const NEW_SPLIT = { asked: 0, parts: null, isPosted: false, isBegun: false, isDone: false };
const EPIC = 'epic';

/**
 * Marks issues that are too large for every agent, has a model propose how to cut them, once for a text, and opens issues
 * for the parts where the repository asks for it: never for a part, and never twice. Nobody is assigned to a part: a
 * person decides what is begun.
 */
@Injectable()
export class EpicKeeper {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(RepositorySettings) private readonly settings: RepositorySettings,
  ) {}

  /**
   * Shows whether an issue is too large, and has it cut.
   *
   * @param unfit why no agent can take it as it is; null where one can
   */
  async mark(issue: TrackedIssue, unfit: Unfit | null): Promise<void> {
    const { subIssues, queue } = this.options;
    const proposal = unfit?.proposal ?? null;
    const isTooLarge = proposal !== null && proposal.parts > 1;
    if (subIssues.canOpen && isTooLarge !== issue.labels.includes(this.label)) {
      await this.tried(issue.ref, () => subIssues.ensureLabel(issue.ref, this.label, isTooLarge));
    }
    const job = await queue.require(issue.ref);
    const { split, textHash } = readDetails(job.details);
    const isKept = split !== null && (split.isBegun || split.isDone);
    if (unfit === null || proposal === null || !this.canSplit(issue, proposal)) {
      // What was proposed for a text that is no more is not gone on with.
      if (split !== null && !split.isDone) await this.store(job, isKept ? { ...split, isDone: true } : null);
      return;
    }
    const { reasons } = unfit;
    if (!isKept && split?.textHash !== textHash) {
      await this.store(job, { ...NEW_SPLIT, proposal, reasons, textHash });
    } else if (split?.parts === null) {
      await this.store(job, { ...split, proposal, reasons });
    }
    await this.goOnWith(await queue.require(issue.ref), true);
  }

  /** Goes on with every split that is not done. Call it with each sweep. */
  async goOn(): Promise<void> {
    // A model that proposes nothing is not asked about the next issue at once.
    let mayAsk = true;
    for (const job of await this.options.queue.list({ states: ['needs_attention'] })) {
      mayAsk = (await this.goOnWith(job, mayAsk)) && mayAsk;
    }
  }

  private canSplit({ body }: TrackedIssue, { parts }: SplitProposal): boolean {
    const { tracker, splitter } = this.options;
    return parts > 1 && parts <= MOST_PARTS && tracker.canWrite && !isPart(body) && splitter?.canSplit === true;
  }

  /** Returns false where a model was asked in vain. */
  private async goOnWith(job: Job, mayAsk: boolean): Promise<boolean> {
    const { split, textHash } = readDetails(job.details);
    if (split === null || split.isDone || (!split.isBegun && split.textHash !== textHash)) return true;
    let isInVain = false;
    await this.tried(job.issue, async () => {
      const planned = await this.plan(job, split, mayAsk);
      if (planned.parts === null) isInVain = planned.asked > split.asked;
      else await this.finish(job.issue, planned, planned.parts);
    });
    return !isInVain;
  }

  /** The parts stand in the comment; issues are opened for them where the repository asks for that. */
  private async finish(issue: IssueRef, split: Split, parts: readonly ProposedPart[]): Promise<void> {
    const { tracker, subIssues } = this.options;
    if (!split.isPosted && !split.isBegun) {
      await tracker.ensureComment(issue, 'no-agent', noAgentComment(split, parts), 'standing');
      await this.store(await this.options.queue.require(issue), { ...split, isPosted: true });
    }
    if (!subIssues.canOpen || !(await this.settings.of(issue)).decompose) return;
    const begun = { ...split, isPosted: true, isBegun: true };
    if (!split.isBegun) await this.store(await this.options.queue.require(issue), begun);
    await this.open(issue, begun, parts);
  }

  private get label(): string {
    return `${this.options.labelScope}-size/too-large`;
  }

  private async open(issue: IssueRef, begun: Split, parts: readonly ProposedPart[]): Promise<void> {
    const { tracker, subIssues, bus, botName, queue } = this.options;
    const refs: IssueRef[] = [];
    for (const [index, part] of parts.entries()) {
      const draft = subIssueDraft(issue, part, index, parts.length);
      refs.push(await subIssues.ensureSubIssue(issue, partMarker(issue, index), draft));
    }
    await this.link(issue, parts, refs);
    await subIssues.ensureLabel(issue, EPIC, true);
    await tracker.ensureComment(issue, 'parts', partsComment(parts, refs, botName));
    await this.store(await queue.require(issue), { ...begun, isDone: true });
    bus.publish({ type: 'orchestration.issue-split', issue, parts: refs } satisfies IssueSplit);
  }

  /** What is proposed, stored before anybody sees it. Each question is counted before it is put. */
  private async plan(job: Job, split: Split, mayAsk: boolean): Promise<Split> {
    const { splitter, queue } = this.options;
    if (split.parts !== null || !mayAsk || split.asked >= MOST_QUESTIONS || !splitter?.canSplit) return split;
    const asked = { ...split, asked: split.asked + 1 };
    await this.store(job, asked);
    const text = { ref: job.issue, title: job.title, body: readDetails(job.details).body };
    const parts = await splitter.split(text, { ...split.proposal, most: MOST_PARTS });
    const planned = { ...asked, parts };
    if (parts !== null) await this.store(await queue.require(job.issue), planned);
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
