import { Inject, Injectable } from '@nestjs/common';

import { formatIssueRef, issueKey, type IssueRef } from '../../kernel/index.js';
import type { IssueMetadata } from '../../parser/index.js';
import { mergeBlockers, type Blocker } from '../../queue/index.js';
import { BlockerEnds } from './blocker-ends.js';
import { DeclaredBlocks } from './declared-blocks.js';
import type { IssueLink } from '../ports/issue-links.port.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails } from '../job-details.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { leavingLinks, linkKey, type OwnLink } from './plan-links.js';

/**
 * Says what blocks an issue, and whether that is finished: the tracker's links, the issue's own text, and the texts of
 * other issues that say they block it.
 */
@Injectable()
export class BlockerResolver {
  private readonly declared = new DeclaredBlocks();

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(BlockerEnds) private readonly ends: BlockerEnds,
  ) {}

  /** Tells the queue whether an issue that was read still blocks others. Returns whether it is finished. */
  async settle({ ref, state }: Pick<TrackedIssue, 'ref' | 'state'>): Promise<boolean> {
    const isFinished = await this.ends.isFinished(ref, state);
    await this.options.queue.settleBlocker(issueKey(ref), isFinished);
    return isFinished;
  }

  /** Learns anew which issues say that they block others. Call it at start and with each sweep. */
  async relearn(): Promise<void> {
    const known: Parameters<DeclaredBlocks['declare']>[] = [];
    for await (const { issue, details } of this.options.queue.unsettled()) {
      const { blocks } = readDetails(details).metadata;
      if (blocks.length > 0) known.push([issue, blocks]);
    }
    this.declared.clear();
    for (const declaration of known) this.declared.declare(...declaration);
  }

  /**
   * What blocks this issue. Remembers what it says it blocks itself.
   *
   * @param own the links that were written for its text: one that the text no longer names is about to go
   */
  async resolve(
    issue: TrackedIssue,
    metadata: IssueMetadata,
    own: readonly OwnLink[] = [],
  ): Promise<readonly Blocker[]> {
    const named = [...metadata.blockedBy, ...this.declared.blockersFor(issue.ref)];
    const leaving = new Set(leavingLinks(issue.ref, { ...metadata, blockedBy: named }, own).map(linkKey));
    const stays = (link: IssueLink): boolean => !leaving.has(linkKey(link));
    const blocks = issue.blocks.filter((blocked) => stays({ blocker: issue.ref, blocked }));
    this.declared.declare(issue.ref, [...metadata.blocks, ...blocks]);

    const links = issue.blockedBy.filter((blocker) => stays({ blocker: blocker.issue, blocked: issue.ref }));
    const linked = new Set(links.map((blocker) => issueKey(blocker.issue)));
    // A text that names its own issue would wait for itself for ever.
    const others = named.filter((ref) => !linked.has(issueKey(ref)) && issueKey(ref) !== issueKey(issue.ref));
    const looked = await Promise.all(others.map((ref) => this.lookUp(ref)));
    const judged = links.map(async ({ issue: blocker, isFinished }) => ({
      issue: blocker,
      isFinished: await this.ends.isFinished(blocker, isFinished ? 'closed' : 'open'),
    }));
    return mergeBlockers(await Promise.all(judged), looked);
  }

  /** Jobs that this issue says it blocks get it as a blocker, unless they have it. */
  async tellBlocked(blocker: IssueRef): Promise<void> {
    for (const blocked of this.declared.blockedBy(blocker)) {
      const job = await this.options.queue.find(blocked);
      const isTold = job?.blockers.some(({ issue }) => issueKey(issue) === issueKey(blocker)) ?? true;
      if (!job || isTold) continue;
      const blockers = mergeBlockers(job.blockers, [await this.lookUp(blocker)]);
      await this.options.queue.enqueue({ ...job, blockers }, `${formatIssueRef(blocker)} says that it blocks it.`);
    }
  }

  /** An issue that does not exist or cannot be seen is not finished: nothing starts on the strength of a guess. */
  private async lookUp(ref: IssueRef): Promise<Blocker> {
    const reading = await this.options.tracker.readIssue(ref);
    if (reading.kind === 'found') {
      return { issue: ref, isFinished: await this.ends.isFinished(ref, reading.issue.state) };
    }
    const isPullRequestFinished = await this.ends.isPullRequestFinished(ref);
    if (isPullRequestFinished !== null) return { issue: ref, isFinished: isPullRequestFinished };
    const job = await this.options.queue.find(issueKey(ref));
    return { issue: ref, isFinished: reading.kind === 'unknown' && job?.state === 'completed' };
  }
}
