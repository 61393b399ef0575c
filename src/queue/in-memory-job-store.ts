import { issueKey, type Clock, type IssueRef } from '../kernel/index.js';
import { ClaimQueue } from './claim-queue.js';
import { compareRank } from './job-order.js';
import { JOB_STATES, UNSETTLED_STATES, type JobState } from './job-states.js';
import type { JobStore } from './job-store.port.js';
import { applyMove } from './apply-move.js';
import { mergeBlockers } from './merge-blockers.js';
import { UnknownJobError } from './queue.errors.js';
import type {
  Actor,
  Blocker,
  ClaimRequest,
  Job,
  JobChange,
  JobDraft,
  JobEvent,
  JobFilter,
  JobMove,
  JobMoveChange,
  JobPage,
  Lease,
} from './queue.types.js';
import { waitingStateOf } from './waiting-state.js';

/**
 * A JobStore that forgets everything when the process ends. For trying out, for tests, and as a model of the others.
 *
 * Each method does its work before it first yields, which is what makes it atomic.
 */
export class InMemoryJobStore implements JobStore {
  private readonly jobs = new Map<string, Job>();
  private readonly byState = Object.fromEntries(JOB_STATES.map((state) => [state, new Map()])) as Record<
    JobState,
    Map<string, Job>
  >;
  /** By a blocker's id, the ids of the jobs that name it, or once did. */
  private readonly dependants = new Map<string, Set<string>>();
  private readonly events = new Map<string, JobEvent[]>();
  private readonly queue = new ClaimQueue();
  private lastSequence = 0;

  constructor(private readonly clock: Clock) {}

  async put(draft: JobDraft, reason: string, by: Actor | null = null): Promise<JobChange> {
    const id = issueKey(draft.issue);
    const before = this.jobs.get(id);
    const now = this.clock.now();
    const kept = before ?? {
      id,
      state: 'available',
      reason,
      fencingToken: 0,
      lease: null,
      notBefore: null,
      waitMs: null,
      failures: 0,
      createdAt: now,
    };
    const { issue, title, profile, priority, details } = draft;
    const blockers = mergeBlockers(draft.blockers);
    const waits = kept.state === 'pending' || kept.state === 'available';
    const state = waits ? waitingStateOf({ blockers }) : kept.state;
    const job: Job = {
      ...kept,
      ...structuredClone({ issue, title, profile, priority, details }),
      blockers,
      state,
      reason: state === kept.state ? kept.reason : reason,
      updatedAt: now,
    };
    this.index(job);
    this.write(job, by);
    return change(job, before?.state ?? null);
  }

  async find(jobId: string): Promise<Job | undefined> {
    return structuredClone(this.jobs.get(jobId));
  }

  async list({ states = JOB_STATES, changedSince = -Infinity, limit = Infinity }: JobFilter): Promise<readonly Job[]> {
    const known = [...new Set(states)].flatMap((state) => this.inState(state));
    const jobs = known.filter(({ updatedAt }) => updatedAt >= changedSince);
    return structuredClone(jobs.sort(compareRank).slice(0, limit));
  }

  async unsettled(after: string | null, limit: number): Promise<JobPage> {
    const known = UNSETTLED_STATES.flatMap((state) => this.inState(state));
    const behind = known.filter(({ id }) => after === null || id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
    const jobs = behind.slice(0, limit);
    return { jobs: structuredClone(jobs), next: behind.length > limit ? (jobs.at(-1)?.id ?? null) : null };
  }

  async move(move: JobMove): Promise<JobMoveChange> {
    const before = this.jobs.get(move.jobId);
    if (before === undefined) throw new UnknownJobError(`There is no job ${move.jobId}`);
    const { by = null } = move;
    const isFinished = move.to === 'completed' && move.stillBlocks !== true;
    if (isFinished === (before.state === 'completed')) {
      const moved = applyMove(before, move, this.clock.now());
      if (moved !== before) this.write(moved, by);
      return { ...change(moved, before.state), followers: [] };
    }
    // Its own blockers first, because a job may block itself.
    const blockers = settled(before.blockers, before.id, isFinished);
    const moved = applyMove({ ...before, blockers }, move, this.clock.now());
    this.write(moved, by);
    return { ...change(moved, before.state), followers: this.settle(before.id, isFinished, by) };
  }

  async claim(request: ClaimRequest): Promise<Job | undefined> {
    const now = this.clock.now();
    const next = this.queue.next(request, now);
    if (next === undefined) return undefined;
    const job: Job = {
      ...next,
      state: 'running',
      reason: `Claimed by ${request.holder}`,
      fencingToken: next.fencingToken + 1,
      lease: { holder: request.holder, endsAt: now + request.leaseMs },
      updatedAt: now,
    };
    this.write(job, { kind: 'coordinator', holder: request.holder });
    return structuredClone(job);
  }

  async renew(jobId: string, fencingToken: number, leaseMs: number): Promise<boolean> {
    const job = this.jobs.get(jobId);
    if (!job?.lease || job.fencingToken !== fencingToken) return false;
    this.write({ ...job, lease: { ...job.lease, endsAt: this.clock.now() + leaseMs } }, null);
    return job.state === 'running';
  }

  async release(jobId: string, fencingToken: number): Promise<void> {
    const job = this.jobs.get(jobId);
    if (!job?.lease || job.state === 'running' || job.fencingToken !== fencingToken) return;
    this.write({ ...job, lease: null }, null);
  }

  async settleBlocker(issueId: string, isFinished: boolean, by: Actor | null = null): Promise<readonly JobChange[]> {
    return this.settle(issueId, isFinished, by);
  }

  async unfinishedBlockers(): Promise<readonly IssueRef[]> {
    const issues = new Map<string, IssueRef>();
    for (const job of this.jobs.values()) {
      if (job.state === 'completed' || job.state === 'cancelled') continue;
      for (const { issue, isFinished } of job.blockers) if (!isFinished) issues.set(issueKey(issue), issue);
    }
    return structuredClone([...issues.values()]);
  }

  async promoteDue(by: Actor | null = null): Promise<readonly JobChange[]> {
    const now = this.clock.now();
    const due = this.inState('retryable').filter((job) => isDue(job, now));
    return due.map((job) => this.putBack(job, job.lease, 'Its time to try again has come', by));
  }

  async reopenAbandoned(
    deadHolders: readonly string[],
    reason: string,
    by: Actor | null = null,
  ): Promise<readonly JobChange[]> {
    const now = this.clock.now();
    const dead = new Set(deadHolders);
    const taken = [...this.jobs.values()].filter(({ state, lease }) => state !== 'running' && lease !== null);
    for (const job of taken) if (dead.has(job.lease?.holder ?? '')) this.write({ ...job, lease: null }, null);
    const abandoned = this.inState('running').filter(
      ({ lease }) => lease !== null && (lease.endsAt <= now || dead.has(lease.holder)),
    );
    return abandoned.map((job) => this.putBack(job, null, reason, by));
  }

  async countByState(): Promise<Readonly<Record<JobState, number>>> {
    const counts = JOB_STATES.map((state) => [state, this.byState[state].size]);
    return Object.fromEntries(counts) as Record<JobState, number>;
  }

  async history(jobId: string): Promise<readonly JobEvent[]> {
    return structuredClone(this.events.get(jobId) ?? []);
  }

  private inState(state: JobState): Job[] {
    return [...this.byState[state].values()];
  }

  private settle(issueId: string, isFinished: boolean, by: Actor | null): readonly JobChange[] {
    const changes: JobChange[] = [];
    for (const id of this.dependants.get(issueId) ?? []) {
      const before = this.jobs.get(id);
      if (before === undefined) continue;
      const blockers = settled(before.blockers, issueId, isFinished);
      const waits = before.state === 'pending' || before.state === 'available';
      const state = waits ? waitingStateOf({ blockers }) : before.state;
      if (state === before.state) {
        this.write({ ...before, blockers }, by);
        continue;
      }
      const reason = isFinished ? `${issueId} is finished` : `${issueId} is not finished`;
      const job = { ...before, blockers, state, reason, updatedAt: this.clock.now() };
      this.write(job, by);
      changes.push(change(job, before.state));
    }
    return changes;
  }

  /** Makes a job that ran, or waited for its time, wait for its turn. */
  private putBack(before: Job, lease: Lease | null, reason: string, by: Actor | null): JobChange {
    const move = { jobId: before.id, from: before.state, to: 'available', reason } as const;
    const job = { ...applyMove(before, move, this.clock.now()), lease };
    this.write(job, by);
    return change(job, before.state);
  }

  /** Replaces a job, keeps the indexes in step and writes the history of a change of state. */
  private write(job: Job, by: Actor | null): void {
    const before = this.jobs.get(job.id);
    if (before !== undefined) {
      this.queue.remove(before);
      this.byState[before.state].delete(job.id);
    }
    this.jobs.set(job.id, job);
    this.queue.add(job);
    this.byState[job.state].set(job.id, job);
    if (job.state !== before?.state) this.record(before?.state ?? null, job, by);
  }

  private index(job: Job): void {
    for (const { issue } of job.blockers) {
      const id = issueKey(issue);
      const ids = this.dependants.get(id) ?? new Set();
      this.dependants.set(id, ids.add(job.id));
    }
  }

  private record(from: JobState | null, job: Job, by: Actor | null): void {
    const { id: jobId, state: to, reason, fencingToken, notBefore, failures } = job;
    this.lastSequence += 1;
    const after = { to, reason, by: structuredClone(by), fencingToken, notBefore, failures };
    const row = { sequence: this.lastSequence, jobId, at: this.clock.now(), from, ...after };
    const rows = this.events.get(jobId) ?? [];
    rows.push(row);
    this.events.set(jobId, rows);
  }
}

/** Also where the clock was set back by more than it has waited. */
function isDue({ notBefore, waitMs }: Job, now: number): boolean {
  return (notBefore ?? 0) <= now || (notBefore ?? 0) > now + (waitMs ?? Infinity);
}

function change(job: Job, from: JobState | null): JobChange {
  return { job: structuredClone(job), from };
}

function settled(blockers: readonly Blocker[], issueId: string, isFinished: boolean): readonly Blocker[] {
  return blockers.map((blocker) => (issueKey(blocker.issue) === issueId ? { ...blocker, isFinished } : blocker));
}
