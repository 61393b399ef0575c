import { Inject, Injectable } from '@nestjs/common';

import { issueKey, type IssueRef } from '../kernel/index.js';
import { findCycles, type DependencyCycle } from './find-cycles.js';
import { WAITING_STATES, type JobState } from './job-states.js';
import { lookUpPicture } from './queue-picture.js';
import { UnknownJobError } from './queue.errors.js';
import type { JobMoved } from './queue.events.js';
import { QUEUE_OPTIONS, resolveQueueOptions, type QueueModuleOptions, type QueueOptions } from './queue.options.js';
import type {
  Actor,
  Job,
  JobChange,
  JobDraft,
  JobEvent,
  JobFilter,
  JobMove,
  JobMoveChange,
  JobPage,
} from './queue.types.js';
import { waitReason } from './wait-reason.js';

/** Reading so many of an embedded database takes milliseconds, in which nobody is answered. */
const JOBS_A_PAGE = 200;

/**
 * Says which job is next, hands it to one holder, and tells the event bus of every change of a job's state.
 *
 * The store decides, atomically; this adds who claims, under which limits and for how long.
 */
@Injectable()
export class QueueService {
  private excludedProfiles: ReadonlyMap<string, string> = new Map();

  constructor(@Inject(QUEUE_OPTIONS) private readonly options: QueueOptions) {}

  /** A queue without Nest. */
  static inMemory(given: Omit<QueueModuleOptions, 'store'> = {}): QueueService {
    return new QueueService(resolveQueueOptions(given));
  }

  /** Names this process as a holder of leases. */
  get holder(): string {
    return this.options.holder;
  }

  /** How long a claim holds without being renewed, in milliseconds. */
  get leaseMs(): number {
    return this.options.leaseMs;
  }

  /**
   * Creates an issue's job, or brings what it says up to date: see `JobStore.put`.
   *
   * @param by whose act led to it; null: this process did it by itself
   */
  async enqueue(draft: JobDraft, reason: string, by: Actor | null = null): Promise<JobChange> {
    const change = await this.options.store.put(draft, reason, by ?? this.self);
    this.announce([change]);
    return change;
  }

  /**
   * Claims the next job for this process: see `JobStore.claim`. Undefined when there is none, or a limit holds all back,
   * or it is not settled yet who will do what there is.
   *
   * @param excluded profiles nothing is claimed for, with why in whole sentences where that is known; remembered until
   *   the next claim, for saying why a job waits
   */
  async claim(excluded: readonly string[] | ReadonlyMap<string, string> = []): Promise<Job | undefined> {
    this.excludedProfiles = 'get' in excluded ? excluded : new Map(excluded.map((name) => [name, '']));
    const { store, holder, leaseMs, limits } = this.options;
    const excludedProfiles = ['', ...this.excludedProfiles.keys()];
    const job = await store.claim({ holder, leaseMs, limits, excludedProfiles });
    if (job !== undefined) this.announce([{ job, from: 'available' }]);
    return job;
  }

  /**
   * Changes a job's state, and those that depend on it with it: see `JobStore.move`.
   *
   * @throws {UnknownJobError} if there is no such job
   * @throws {LeaseLostError} if the given token no longer holds the job
   * @throws {JobChangedError} if it is in none of the expected states
   * @throws {IllegalJobMoveError} if no arrow leads to the state
   */
  async move(move: JobMove): Promise<JobMoveChange> {
    const change = await this.options.store.move({ ...move, by: move.by ?? this.self });
    this.announce([change, ...change.followers]);
    return change;
  }

  /** Lengthens a lease to its full time. False when it was lost: the caller must stop. */
  renew(jobId: string, fencingToken: number): Promise<boolean> {
    return this.options.store.renew(jobId, fencingToken, this.options.leaseMs);
  }

  /** Lets others claim a job that was taken from this process, whose run of it is over. */
  release(jobId: string, fencingToken: number): Promise<void> {
    return this.options.store.release(jobId, fencingToken);
  }

  /** Says of an issue, whether it has a job or not, that it is finished or unfinished: see `JobStore.settleBlocker`. */
  settleBlocker(issueId: string, isFinished: boolean): Promise<readonly JobChange[]> {
    return this.announced(this.options.store.settleBlocker(issueId, isFinished, this.self));
  }

  /** Lets retryable jobs whose time has come wait for their turn. Returns them. */
  promoteDue(): Promise<readonly JobChange[]> {
    return this.announced(this.options.store.promoteDue(this.self));
  }

  /** Takes jobs from holders whose lease has ended, or that are named as dead. Returns them. */
  reopenAbandoned(deadHolders: readonly string[], reason: string): Promise<readonly JobChange[]> {
    return this.announced(this.options.store.reopenAbandoned(deadHolders, reason, this.self));
  }

  find(jobId: string): Promise<Job | undefined> {
    return this.options.store.find(jobId);
  }

  /** @throws {UnknownJobError} if the issue has no job */
  async require(issue: IssueRef): Promise<Job> {
    const jobId = issueKey(issue);
    const job = await this.find(jobId);
    if (job === undefined) throw new UnknownJobError(`There is no job ${jobId}`);
    return job;
  }

  /** In the order: priority (highest first), then issue number, then id. */
  list(filter: JobFilter = {}): Promise<readonly Job[]> {
    return this.options.store.list(filter);
  }

  /**
   * Goes through all jobs whose work is not over, in the order of their ids, and holds nobody up, however many they are.
   * What changes meanwhile is seen as it was before or as it is after.
   */
  async *unsettled(): AsyncGenerator<Job, void, undefined> {
    let after: string | null = null;
    do {
      const page: JobPage = await this.options.store.unsettled(after, JOBS_A_PAGE);
      yield* page.jobs;
      after = page.next;
    } while (after !== null);
  }

  history(jobId: string): Promise<readonly JobEvent[]> {
    return this.options.store.history(jobId);
  }

  /** Every state is named, if with zero. */
  countByState(): Promise<Readonly<Record<JobState, number>>> {
    return this.options.store.countByState();
  }

  /** What jobs wait for and must be looked up elsewhere. */
  unfinishedBlockers(): Promise<readonly IssueRef[]> {
    return this.options.store.unfinishedBlockers();
  }

  /** Jobs that wait for each other, so that none will ever start until a person edits one of their issues. */
  async cycles(): Promise<readonly DependencyCycle[]> {
    return findCycles(await this.options.store.list({ states: WAITING_STATES }));
  }

  /**
   * Says in one sentence what a job waits for, or why it waits for nothing.
   *
   * @throws {UnknownJobError} if there is no such job
   */
  async explain(jobId: string): Promise<string> {
    const job = await this.find(jobId);
    if (job === undefined) throw new UnknownJobError(`There is no job ${jobId}`);
    const { store, limits } = this.options;
    return waitReason(job, await lookUpPicture(store, job, { limits, excludedProfiles: this.excludedProfiles }));
  }

  /** Who changed what nobody's act led to. */
  private get self(): Actor {
    return { kind: 'coordinator', holder: this.holder };
  }

  private async announced(changing: Promise<readonly JobChange[]>): Promise<readonly JobChange[]> {
    const changes = await changing;
    this.announce(changes);
    return changes;
  }

  private announce(changes: readonly JobChange[]): void {
    for (const { job, from } of changes) {
      if (from === job.state) continue;
      const { id: jobId, issue, state: to, reason, profile } = job;
      const moved: JobMoved = { type: 'queue.job-moved', jobId, issue, from, to, reason, profile };
      this.options.bus.publish(moved);
    }
  }
}
