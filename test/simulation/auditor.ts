import { issueKey, repositoryKey } from '../../src/kernel/index.js';
import { NEXT_STATES, type ClaimLimits, type Job, type JobEvent, type JobState } from '../../src/queue/index.js';
import type { SimulatedGitea, PlainIssue } from './simulated-gitea.js';
import type { LiveAgent } from './simulated-agents.js';
import type { SimulatedTime } from './simulated-time.js';

/** What must never be was. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/** The table and the history as they are, without a call. */
export interface JobTable {
  readonly jobs: ReadonlyMap<string, Job>;
  readonly events: ReadonlyMap<string, readonly JobEvent[]>;
}

/** What of a replica decides whether its agents may live. */
interface Keeper {
  readonly holder: string;
  readonly isRunning: boolean;
  readonly continuedAt: number;
}

/** What the history says of a job. */
interface Replayed {
  rows: number;
  state: JobState | null;
  token: number;
  sequence: number;
}

export interface AuditRules {
  readonly limits: ClaimLimits;
  /** How long after it was paused a replica may take to learn what happened meanwhile, in milliseconds. */
  readonly graceMs: number;
  /**
   * How long the agent of a job may live on that somebody else than its holder ended or began anew, in milliseconds: its
   * holder hears of it with its next look at the lease. Nobody else's agent may live meanwhile.
   */
  readonly takenAwayMs: number;
}

/** Looks at everything after each step and each write, and throws where a promise is broken. */
export class Auditor {
  private readonly replayed = new Map<string, Replayed>();
  private readonly seen = new Map<string, Job>();
  /** By job, the highest token under which something was written. */
  private readonly effects = new Map<string, number>();
  /** By job, the highest token under which something was pushed. */
  private readonly pushes = new Map<string, number>();
  /** By job and token, when the claim ended, and whether somebody else than its holder ended it. */
  private readonly ends = new Map<string, { readonly at: number; isTakenAway: boolean }>();
  /** By job, when Gitea was asked for what it was last made of. */
  private readonly readAt = new Map<string, number>();
  /** The lists of blockers that jobs have or had. */
  private readonly oldLists = new WeakSet<Job['blockers']>();
  private readonly accepted = new Set<string>();
  /** What happened before what: when an issue was last read, and when a delivery was recorded. */
  private order = 0;
  private readonly lastReads = new Map<string, number>();
  /** Deliveries that the log holds or has held, and those that were settled. */
  private readonly recorded = new Map<string, number>();
  private readonly settled = new Set<string>();
  /** Times a claim, an accepted delivery and an effect were seen, so that a silent simulation is found out. */
  readonly counts = { claims: 0, deliveries: 0, effects: 0, reviews: 0 };

  constructor(
    private readonly table: JobTable,
    private readonly time: SimulatedTime,
    private readonly gitea: SimulatedGitea,
    private readonly rules: AuditRules,
    /** Told of every change of a state. */
    private readonly note: (line: string) => void,
  ) {}

  /** After a job was made of an issue that was read at this moment. */
  jobDrafted(jobId: string, readAt: number, blockers: Job['blockers']): void {
    // What a job had before says nothing of what was read.
    if (this.oldLists.has(blockers)) return;
    this.note(`  ${jobId} is as its issue was at ${readAt}`);
    this.readAt.set(jobId, readAt);
  }

  /** After each write to the table of jobs. */
  jobsChanged(): void {
    for (const job of this.table.jobs.values()) {
      if (this.seen.get(job.id) === job) continue;
      this.seen.set(job.id, job);
      this.oldLists.add(job.blockers);
      this.replay(job);
    }
    this.checkLimits();
  }

  /** After a write under a fencing token was accepted. */
  writtenUnder(jobId: string, token: number, what: string): void {
    const job = this.table.jobs.get(jobId);
    if (job?.state !== 'running' || job.fencingToken !== token) {
      const now = job === undefined ? 'there is no job' : `it is ${job.state} under ${job.fencingToken}`;
      this.fail(`${what} of ${jobId} was accepted under token ${token}, and ${now}`);
    }
    this.effectUnder(jobId, token, what);
  }

  /**
   * After the forge accepted a push. One that was on its way when its claim ended can still be the first: then the later
   * ones find the branch moved.
   */
  pushedUnder(jobId: string, token: number): void {
    const highest = this.pushes.get(jobId) ?? 0;
    if (token < highest) this.fail(`A push for ${jobId} under token ${token} came after one under ${highest}`);
    this.pushes.set(jobId, token);
  }

  /** After somebody moved a running job who did not hold it. */
  takenAway(jobId: string, token: number): void {
    const end = this.ends.get(`${jobId} ${token}`);
    if (end !== undefined) end.isTakenAway = true;
  }

  /** Before a job is moved by its holder. */
  movedBy(jobId: string, token: number, before: Job | undefined): void {
    if (before?.state === 'running' && before.fencingToken === token) return this.effectUnder(jobId, token, 'A move');
    this.fail(
      `A move of ${jobId} under token ${token} was accepted: it was ${before?.state} under ${before?.fencingToken}`,
    );
  }

  /** Gitea told somebody what an issue is. */
  issueRead(key: string): void {
    this.order += 1;
    this.lastReads.set(key, this.order);
  }

  deliveryRecorded(id: string): void {
    this.order += 1;
    if (!this.recorded.has(id)) this.recorded.set(id, this.order);
  }

  deliveryAccepted(id: string): void {
    this.counts.deliveries += 1;
    this.accepted.add(id);
    if (!this.recorded.has(id)) this.fail(`Delivery ${id} was accepted, and nothing recorded it`);
  }

  /** @param key of the issue that must have been looked at since it came; null for none */
  deliverySettled(id: string, key: string | null): void {
    this.settled.add(id);
    if (key === null) return;
    const recorded = this.recorded.get(id) ?? Infinity;
    if ((this.lastReads.get(key) ?? 0) < recorded) {
      this.fail(`Delivery ${id} was settled, and nobody has looked at ${key} since it came`);
    }
  }

  /** After each step. @param waiting ids of the deliveries that wait */
  check(agents: ReadonlySet<LiveAgent>, replicas: readonly Keeper[], waiting: ReadonlyMap<string, unknown>): void {
    this.checkAgents(agents, replicas);
    if (this.time.elapsed % 1_000 === 0) this.checkDeliveries(waiting);
  }

  checkDeliveries(waiting: ReadonlyMap<string, unknown>): void {
    for (const id of this.accepted) {
      if (!waiting.has(id) && !this.settled.has(id)) this.fail(`Delivery ${id} was accepted and is lost`);
    }
  }

  /** The whole history says what the table says. */
  checkHistories(): void {
    for (const job of this.table.jobs.values()) {
      const rows = this.table.events.get(job.id) ?? [];
      const last = rows.at(-1);
      if (last?.to !== job.state || last.fencingToken !== job.fencingToken) {
        this.fail(`The history of ${job.id} ends ${last?.to}, and it is ${job.state}`);
      }
    }
  }

  /** When nothing is under way and nothing is to come any more. */
  checkEnd(issue: PlainIssue): void {
    const job = this.table.jobs.get(issue.key);
    const state = job?.state ?? 'none';
    const allowed = this.callsFor(issue);
    if (!allowed.includes(state)) {
      this.fail(`At the end ${issue.key} is ${state} (${job?.reason}), and Gitea calls for ${allowed.join(' or ')}`);
    }
  }

  /** Whether there is nothing more to be done about the issue for now. */
  isAtRest(issue: PlainIssue): boolean {
    return this.callsFor(issue).includes(this.table.jobs.get(issue.key)?.state ?? 'none');
  }

  /** Whether people can merge it. */
  isReviewed({ key }: PlainIssue): boolean {
    const state = this.table.jobs.get(key)?.state;
    return state === 'in_review' || state === 'needs_attention';
  }

  /** When everything that could be merged or closed was. */
  checkFinished({ key, isOpen }: PlainIssue): void {
    if (isOpen) this.fail(`At the end ${key} is ${this.table.jobs.get(key)?.state}, and nothing ever lets it go on`);
  }

  private callsFor(issue: PlainIssue): readonly string[] {
    if (!issue.isOpen) return ['completed', 'cancelled', 'none'];
    if (!issue.isAssigned) return ['cancelled', 'none'];
    const isBlocked = [...issue.blockers].some(({ isOpen }) => isOpen);
    return isBlocked ? ['pending', 'in_review', 'needs_attention'] : ['in_review', 'needs_attention'];
  }

  fail(sentence: string): never {
    throw new InvariantBroken(sentence);
  }

  private effectUnder(jobId: string, token: number, what: string): void {
    const highest = this.effects.get(jobId) ?? 0;
    if (token < highest) this.fail(`${what} of ${jobId} under token ${token} came after one under ${highest}`);
    this.effects.set(jobId, token);
    this.counts.effects += 1;
  }

  private replay(job: Job): void {
    const known = this.replayed.get(job.id) ?? { rows: 0, state: null, token: 0, sequence: 0 };
    const rows = this.table.events.get(job.id) ?? [];
    for (; known.rows < rows.length; known.rows += 1) {
      const row = rows[known.rows];
      if (row !== undefined) this.replayRow(job, row, known);
    }
    this.replayed.set(job.id, known);
    if (job.state !== known.state) this.fail(`The history of ${job.id} says ${known.state}, and it is ${job.state}`);
    if (job.fencingToken !== known.token) {
      this.fail(`The history of ${job.id} says token ${known.token}, and it has ${job.fencingToken}`);
    }
    if (job.state === 'running' && job.lease === null) this.fail(`${job.id} runs without a lease`);
  }

  private replayRow(job: Job, row: JobEvent, known: Replayed): void {
    const { id } = job;
    if (row.from !== known.state) this.fail(`The history of ${id} goes on from ${row.from}, after ${known.state}`);
    const isLegal =
      row.from === null ? row.to === 'available' || row.to === 'pending' : NEXT_STATES[row.from].includes(row.to);
    if (!isLegal) this.fail(`${id} went from ${row.from} to ${row.to}, which the table of states does not know`);
    if (row.sequence <= known.sequence) this.fail(`The history of ${id} has a row out of order`);
    const isClaim = row.to === 'running';
    this.note(`  ${id}: ${row.from ?? 'new'} to ${row.to} under token ${row.fencingToken} (${row.reason})`);
    if (row.fencingToken !== known.token + (isClaim ? 1 : 0)) {
      this.fail(`The token of ${id} went from ${known.token} to ${row.fencingToken} when it became ${row.to}`);
    }
    if (row.from === 'running') this.ends.set(`${id} ${known.token}`, { at: this.time.elapsed, isTakenAway: false });
    known.state = row.to;
    known.token = row.fencingToken;
    known.sequence = row.sequence;
    if (isClaim) this.checkClaim(job);
    if (row.to === 'in_review') this.counts.reviews += 1;
  }

  private checkClaim(job: Job): void {
    this.counts.claims += 1;
    const unfinished = job.blockers.find(({ isFinished }) => !isFinished);
    if (unfinished !== undefined) {
      this.fail(`${job.id} was claimed, and ${issueKey(unfinished.issue)} blocks it, which is not finished`);
    }
    const issue = this.gitea.issues.find(({ key }) => key === job.id);
    for (const [blocker, since] of issue?.blockedSince ?? []) {
      // Known to whoever made the job, and never finished since.
      if (since < (this.readAt.get(job.id) ?? 0) && blocker.isOpen && blocker.openSince <= since) {
        this.fail(`${job.id} was claimed, and ${blocker.key} blocked it all the time`);
      }
    }
  }

  private checkLimits(): void {
    const { global, perRepository, perProfile } = this.rules.limits;
    let running = 0;
    const byPlace = new Map<string, number>();
    for (const job of this.table.jobs.values()) {
      if (job.state !== 'running') continue;
      running += 1;
      for (const place of [`profile ${job.profile}`, `repository ${repositoryKey(job.issue)}`]) {
        byPlace.set(place, (byPlace.get(place) ?? 0) + 1);
      }
    }
    if (running > global) this.fail(`${running} jobs run, and the limit is ${global}`);
    for (const [place, count] of byPlace) {
      const limit = place.startsWith('repository ') ? perRepository : (perProfile[place.slice(8)] ?? Infinity);
      if (count > limit) this.fail(`${count} jobs of ${place} run, and the limit is ${limit}`);
    }
  }

  private checkAgents(agents: ReadonlySet<LiveAgent>, replicas: readonly Keeper[]): void {
    const byJob = new Map<string, LiveAgent>();
    for (const agent of agents) {
      const keeper = replicas.find(({ holder }) => holder === agent.replica);
      // One that is paused can do nothing, nor can its agent without it; then it has its grace.
      if (keeper !== undefined && !keeper.isRunning) continue;
      if (keeper !== undefined && this.time.elapsed - keeper.continuedAt <= this.rules.graceMs) continue;
      const end = this.ends.get(`${agent.jobId} ${agent.token}`);
      if (end !== undefined) {
        const overdueMs = this.time.elapsed - end.at;
        if (overdueMs > (end.isTakenAway ? this.rules.takenAwayMs : 0)) {
          this.fail(`An agent lives on ${nameOf(agent)}, whose claim ended ${overdueMs} ms ago`);
        }
      }
      const other = byJob.get(agent.jobId);
      if (other !== undefined) this.fail(`Two agents live: on ${nameOf(other)}, and on ${nameOf(agent)}`);
      byJob.set(agent.jobId, agent);
    }
  }
}

function nameOf({ jobId, token, replica }: LiveAgent): string {
  return `${jobId} under token ${token} at ${replica}`;
}
