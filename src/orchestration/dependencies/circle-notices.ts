import { Inject, Injectable } from '@nestjs/common';

import { messageOf, parseIssueRef } from '../../kernel/index.js';
import { WAITING_STATES, cycleThrough, findCycles, type DependentJob, type Job } from '../../queue/index.js';
import { brokenCircleComment, circleComment } from './circle-comment.js';
import { readDetails, storeDetails } from '../job-details.js';
import type { CircleNamed, WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { OutsideBlockers } from './outside-blockers.js';

/**
 * Names circles of dependencies on the issues in them, once each, and says so when they are broken.
 *
 * Gitea refuses circles of two issues only. What was named is stored with the jobs of a circle, so that a restart
 * neither names it again nor forgets to take it back.
 */
@Injectable()
export class CircleNotices {
  /** By issue, the way round that its comment names. What is not in it is looked at. */
  private readonly named = new Map<string, string>();
  /** What was last read of issues without a job; null before they were: nobody knows then which circles are left. */
  private outside: readonly DependentJob[] | null = null;

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(OutsideBlockers) private readonly outsiders: OutsideBlockers,
  ) {}

  /** Looks at issues without a job too, anew. */
  async sweep(): Promise<void> {
    if (!this.options.tracker.canWrite) return;
    this.outside = await this.outsiders.of(await this.waitingJobs());
    await this.look();
  }

  /** Brings the comments to what is, once a sweep has told what that is. */
  async look(): Promise<void> {
    const { outside } = this;
    if (!this.options.tracker.canWrite || outside === null) return;
    const jobs = await this.waitingJobs();
    const ids = new Set(jobs.map(({ id }) => id));
    const nodes = [...jobs, ...outside.filter(({ id }) => !ids.has(id))];
    const members = findCycles(nodes).flatMap((cycle) => cycle.members);
    const ways = new Map(members.map((id) => [id, cycleThrough(nodes, id) ?? [id]]));

    const untold = new Set<string>();
    for (const id of this.formerMembers(jobs)) {
      if (!ways.has(id) && !(await this.write(id, []))) untold.add(id);
    }
    for (const job of jobs) await this.remember(job, ways.get(job.id) ?? [], untold);
    for (const [id, way] of ways) await this.write(id, way);
  }

  private waitingJobs(): Promise<readonly Job[]> {
    return this.options.queue.list({ states: WAITING_STATES });
  }

  private formerMembers(jobs: readonly Job[]): ReadonlySet<string> {
    return new Set([...this.named.keys(), ...jobs.flatMap(({ details }) => readDetails(details).circle)]);
  }

  /** @param way empty for a circle that is broken */
  private async write(id: string, way: readonly string[]): Promise<boolean> {
    const text = way.join(' ');
    if (this.named.get(id) === text) return true;
    const { tracker, bus } = this.options;
    const issue = parseIssueRef(id);
    try {
      await tracker.ensureComment(issue, 'circle', way.length === 0 ? brokenCircleComment() : circleComment(way));
      if (way.length === 0) this.named.delete(id);
      else this.named.set(id, text);
      bus.publish({ type: 'orchestration.circle-named', issue, way } satisfies CircleNamed);
      return true;
    } catch (error) {
      const reason = messageOf(error);
      bus.publish({ type: 'orchestration.write-back-failed', issue, reason } satisfies WriteBackFailed);
      return false;
    }
  }

  /** Before a circle is named, and not forgotten before each of its issues was told that it is broken. */
  private async remember(job: Job, circle: readonly string[], untold: ReadonlySet<string>): Promise<void> {
    const details = readDetails(job.details);
    const kept = details.circle.filter((id) => untold.has(id));
    const known = [...new Set([...circle, ...kept])];
    if (details.circle.join(' ') === known.join(' ')) return;
    await this.options.queue.enqueue({ ...job, details: storeDetails({ ...details, circle: known }) }, job.reason);
  }
}
