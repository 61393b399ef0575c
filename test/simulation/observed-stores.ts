import { issueKey } from '../../src/kernel/index.js';
import { InMemoryRunStore, type JobProgress, type RunStore } from '../../src/orchestration/index.js';
import {
  InMemoryJobStore,
  JOB_STATES,
  type Job,
  type JobEvent,
  type JobFilter,
  type JobStore,
} from '../../src/queue/index.js';
import { compareRank } from '../../src/queue/job-order.js';
import { InMemoryDeliveryLog, type Delivery, type DeliveryLog } from '../../src/webhook/index.js';
import type { Auditor, JobTable } from './auditor.js';
import type { SimulatedTime } from './simulated-time.js';

/**
 * A JobStore in memory that gives its jobs away as they are. Jobs are replaced, never changed, so that nobody sees a
 * difference; but copies are most of what a simulation would do.
 */
export class QuickJobStore extends InMemoryJobStore {
  override async find(jobId: string): Promise<Job | undefined> {
    return this['jobs'].get(jobId);
  }

  override async list({ states = JOB_STATES, changedSince = 0, limit = Infinity }: JobFilter): Promise<readonly Job[]> {
    const all = [...this['jobs'].values()];
    const jobs = all.filter(({ state, updatedAt }) => states.includes(state) && updatedAt >= changedSince);
    return jobs.sort(compareRank).slice(0, limit);
  }
}

class QuickRunStore extends InMemoryRunStore {
  override async progress(jobId: string): Promise<JobProgress> {
    return this['progressByJob'].get(jobId) ?? super.progress(jobId);
  }
}

/** The rows of a JobStore in memory, as they are. */
export function tableOf(store: InMemoryJobStore): JobTable {
  return {
    jobs: store['jobs'] as ReadonlyMap<string, Job>,
    events: store['events'] as ReadonlyMap<string, readonly JobEvent[]>,
  };
}

/** The database's clock: nobody sets it. */
export function databaseClock(time: SimulatedTime) {
  return { now: () => time.wall, monotonic: () => time.elapsed, sleep: () => Promise.resolve() };
}

/** Tells the auditor what is written, at the moment of writing. */
export function observedJobs(store: JobStore, table: JobTable, auditor: Auditor): JobStore {
  const told = async <T>(writing: Promise<T>): Promise<T> => {
    writing.catch(() => undefined);
    // At once, as the store writes before it first yields: a moment later somebody else may have written too.
    auditor.jobsChanged();
    const result = await writing;
    auditor.jobsChanged();
    return result;
  };
  return {
    put: (draft, reason, by) => told(store.put(draft, reason, by)),
    find: (jobId) => store.find(jobId),
    list: (filter) => store.list(filter),
    unsettled: (after, limit) => store.unsettled(after, limit),
    move: async (move) => {
      const before = table.jobs.get(move.jobId);
      const change = await told(store.move(move));
      if (move.fencingToken !== undefined) auditor.movedBy(move.jobId, move.fencingToken, before);
      else if (before?.state === 'running') auditor.takenAway(before.id, before.fencingToken);
      return change;
    },
    claim: (request) => told(store.claim(request)),
    renew: (jobId, token, leaseMs) => store.renew(jobId, token, leaseMs),
    release: (jobId, token) => store.release(jobId, token),
    settleBlocker: (issueId, isFinished, by) => told(store.settleBlocker(issueId, isFinished, by)),
    unfinishedBlockers: () => store.unfinishedBlockers(),
    promoteDue: (by) => told(store.promoteDue(by)),
    reopenAbandoned: (dead, reason, by) => told(store.reopenAbandoned(dead, reason, by)),
    countByState: () => store.countByState(),
    history: (jobId) => store.history(jobId),
  };
}

/** Runs whose every write is fenced, by the table as it is at that moment. @param isFenced false: none is */
export function observedRuns(
  time: SimulatedTime,
  table: JobTable,
  isFenced: boolean,
  auditor: () => Auditor,
): RunStore {
  return new QuickRunStore(databaseClock(time), async (jobId, token) => {
    const job = table.jobs.get(jobId);
    const isCurrent = job?.state === 'running' && job.fencingToken === token;
    if (isFenced && !isCurrent) return false;
    auditor().writtenUnder(jobId, token, 'Progress');
    return true;
  });
}

/** Tells the auditor which deliveries are there. */
export class ObservedDeliveries implements DeliveryLog {
  private readonly log = new InMemoryDeliveryLog();

  constructor(private readonly auditor: Auditor) {}

  /** By id, the deliveries that wait. */
  get waiting(): ReadonlyMap<string, Delivery> {
    return this.log['waiting'];
  }

  async record(delivery: Delivery): Promise<'accepted' | 'duplicate'> {
    const answer = await this.log.record(delivery);
    this.auditor.deliveryRecorded(delivery.id);
    return answer;
  }

  unsettled(limit: number): Promise<readonly Delivery[]> {
    return this.log.unsettled(limit);
  }

  async settle(ids: readonly string[]): Promise<void> {
    const about = ids.flatMap((id) => this.waiting.get(id) ?? []);
    await this.log.settle(ids);
    const stillWaiting = new Set([...this.waiting.values()].map(({ issue }) => issueKey(issue.ref)));
    // Where another of the same issue waits, that one stands for all of them.
    for (const { id, issue } of about) {
      const key = issueKey(issue.ref);
      this.auditor.deliverySettled(id, stillWaiting.has(key) ? null : key);
    }
  }
}
