import { NEXT_STATES, type JobState } from '../../src/queue/job-states.js';

/** What the model knows of a job. */
export interface PlainJob {
  readonly id: string;
  readonly repository: string;
  readonly number: number;
  priority: number;
  profile: string;
  /** By blocker, whether it is finished. */
  blockers: Map<string, boolean>;
  state: JobState;
  token: number;
  lease: { holder: string; endsAt: number } | null;
  notBefore: number | null;
}

export interface PlainLimits {
  readonly global: number;
  readonly perRepository: number;
  readonly perProfile: Readonly<Record<string, number>>;
}

export type PlainDraft = Pick<PlainJob, 'id' | 'repository' | 'number' | 'priority' | 'profile' | 'blockers'>;

export interface PlainMove {
  readonly id: string;
  readonly from: readonly JobState[];
  readonly to: JobState;
  readonly token: number | undefined;
  readonly notBefore: number;
}

/** The rules of the JobStore in the plainest words: no index, no shortcut, every question answered by a look at all jobs. */
export class PlainJobStore {
  readonly jobs: PlainJob[] = [];
  now = 0;

  find(id: string): PlainJob | undefined {
    return this.jobs.find((job) => job.id === id);
  }

  inOrder(): PlainJob[] {
    return [...this.jobs].sort((a, b) => b.priority - a.priority || a.number - b.number || (a.id < b.id ? -1 : 1));
  }

  put(draft: PlainDraft): void {
    const blockers = new Map(draft.blockers);
    const job = this.find(draft.id);
    if (job === undefined) {
      const state = 'available';
      this.jobs.push({ ...draft, blockers, state, token: 0, lease: null, notBefore: null });
    } else {
      Object.assign(job, { priority: draft.priority, profile: draft.profile, blockers });
    }
    this.followBlockers();
  }

  claim(holder: string, leaseMs: number, limits: PlainLimits, excluded: readonly string[]): PlainJob | undefined {
    const running = this.jobs.filter((job) => job.state === 'running');
    const load = (job: PlainJob) => running.filter((other) => other.repository === job.repository).length;
    const [next] = this.inOrder()
      .filter((job) => job.state === 'available' && !excluded.includes(job.profile))
      .filter((job) => !this.isLeased(job) || job.lease?.holder === holder)
      .filter(() => running.length < limits.global)
      .filter((job) => load(job) < limits.perRepository)
      .filter((job) => {
        const limit = limits.perProfile[job.profile];
        return limit === undefined || running.filter((other) => other.profile === job.profile).length < limit;
      })
      .sort((a, b) => b.priority - a.priority || load(a) - load(b));
    if (next === undefined) return undefined;
    next.state = 'running';
    next.token += 1;
    next.lease = { holder, endsAt: this.now + leaseMs };
    return next;
  }

  /** The code of the error, or the ids of the followers. */
  move({ id, from, to, token, notBefore }: PlainMove): string | string[] {
    const job = this.find(id);
    if (job === undefined) return 'QUEUE_JOB_UNKNOWN';
    if (token !== undefined && (job.state !== 'running' || job.token !== token)) return 'QUEUE_LEASE_LOST';
    if (!from.includes(job.state)) return 'QUEUE_JOB_CHANGED';
    if (to === 'running' || !NEXT_STATES[job.state].includes(to)) return 'QUEUE_MOVE_ILLEGAL';

    const wasCompleted = job.state === 'completed';
    this.leave(job, to);
    // Who takes a job from its holder leaves the lease alone.
    if (token !== undefined) job.lease = null;
    if (to === 'retryable') job.notBefore = notBefore;
    const isCompleted = to === 'completed';
    if (isCompleted !== wasCompleted) this.learn(id, isCompleted);
    return this.followBlockers().filter((other) => other !== id);
  }

  settle(blocker: string, isFinished: boolean): string[] {
    this.learn(blocker, isFinished);
    return this.followBlockers();
  }

  renew(id: string, token: number, leaseMs: number): boolean {
    const job = this.find(id);
    if (!job?.lease || job.token !== token) return false;
    job.lease.endsAt = this.now + leaseMs;
    return job.state === 'running';
  }

  release(id: string, token: number): void {
    const job = this.find(id);
    if (job !== undefined && job.token === token && job.state !== 'running') job.lease = null;
  }

  /** Whether a holder may still be working on it. */
  isLeased({ lease }: PlainJob): boolean {
    return lease !== null && lease.endsAt > this.now;
  }

  promoteDue(): string[] {
    return this.putBack((job) => job.state === 'retryable' && (job.notBefore ?? 0) <= this.now);
  }

  reopenAbandoned(dead: readonly string[]): string[] {
    const abandoned = this.jobs.filter(
      (job) => job.state === 'running' && (!this.isLeased(job) || dead.includes(job.lease?.holder ?? '')),
    );
    for (const job of this.jobs) {
      const isOfDead = job.state !== 'running' && dead.includes(job.lease?.holder ?? '');
      if (isOfDead || abandoned.includes(job)) job.lease = null;
    }
    return this.putBack((job) => abandoned.includes(job));
  }

  isBlocked(job: PlainJob): boolean {
    return [...job.blockers.values()].includes(false);
  }

  private putBack(isMeant: (job: PlainJob) => boolean): string[] {
    const jobs = this.jobs.filter(isMeant);
    for (const job of jobs) this.leave(job, 'available');
    this.followBlockers();
    return jobs.map((job) => job.id);
  }

  private leave(job: PlainJob, to: JobState): void {
    job.state = to;
    job.notBefore = null;
  }

  private learn(blocker: string, isFinished: boolean): void {
    for (const job of this.jobs) if (job.blockers.has(blocker)) job.blockers.set(blocker, isFinished);
  }

  /** Puts every waiting job into the state that its blockers call for. Returns those whose state that changed. */
  private followBlockers(): string[] {
    const changed = this.jobs.filter((job) => job.state === (this.isBlocked(job) ? 'available' : 'pending'));
    for (const job of changed) job.state = this.isBlocked(job) ? 'pending' : 'available';
    return changed.map((job) => job.id);
  }
}
