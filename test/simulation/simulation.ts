import { createHash } from 'node:crypto';

import { Auditor } from './auditor.js';
import { Network, type Weather } from './call-gate.js';
import { Dice } from './dice.js';
import {
  ObservedDeliveries,
  databaseClock,
  observedJobs,
  observedRuns,
  tableOf,
  QuickJobStore,
} from './observed-stores.js';
import { LEASE_MS, LIMITS, Replica, type Surroundings } from './replica.js';
import { UNSPOILT, type Sabotage } from './sabotage.js';
import { Forge, type LiveAgent } from './simulated-agents.js';
import { SimulatedGitea } from './simulated-gitea.js';
import { LeadershipTable, Wire } from './simulated-leadership.js';
import { SimulatedTime } from './simulated-time.js';

/** How many lines of the trace are shown with a failure. */
const SHOWN_LINES = 30;
/** After the last fault everything comes to rest within this time, in milliseconds. */
const LONGEST_END_MS = 6 * 3_600_000;

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  /** Which protection is taken out. @default none */
  readonly sabotage?: Sabotage;
  /** Keeps every line of the trace. @default false */
  readonly keepsTrace?: boolean;
}

/** What became of a simulation. */
export interface SimulationResult {
  readonly seed: number;
  /** Of the whole trace: the same seed has the same. */
  readonly hash: string;
  readonly counts: Auditor['counts'];
  /** Null where every promise was kept. */
  readonly failure: { readonly sentence: string; readonly step: number } | null;
  /** The last lines of the trace, or all. */
  readonly trace: readonly string[];
}

interface Action {
  readonly weight: number;
  readonly take: () => void | Promise<void>;
}

/** Runs one seed from its beginning to its end. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}

class Simulation {
  private readonly time = new SimulatedTime();
  private readonly dice: Dice;
  private readonly weather: Weather;
  private readonly network: Network;
  private readonly gitea: SimulatedGitea;
  private readonly auditor: Auditor;
  private readonly deliveries: ObservedDeliveries;
  private readonly agents = new Set<LiveAgent>();
  private readonly replicas: Replica[] = [];
  private readonly around: Surroundings;
  private readonly hash = createHash('sha256');
  private readonly lines: string[] = [];
  private readonly places: number;
  private mishap: number;
  private started = 0;
  private stepNumber = 0;
  private fault: unknown = null;

  constructor(private readonly options: SimulationOptions) {
    const { seed, sabotage = UNSPOILT } = options;
    const dice = new Dice(seed);
    this.dice = dice;
    this.places = dice.between(1, 3);
    this.weather = { slowness: dice.pick([0, 0.02, 0.1, 0.3]), faultiness: dice.pick([0, 0, 0.005, 0.03]) };
    this.mishap = dice.pick([0, 0.1, 0.3]);
    this.network = new Network(dice, this.weather, (line) => this.note(line));
    this.gitea = new SimulatedGitea(this.time, dice, dice.between(3, 8));
    const store = new QuickJobStore(databaseClock(this.time));
    const table = tableOf(store);
    const rules = { limits: LIMITS, graceMs: LEASE_MS / 3, takenAwayMs: LEASE_MS };
    this.auditor = new Auditor(table, this.time, this.gitea, rules, (line) => this.note(line));
    this.deliveries = new ObservedDeliveries(this.auditor);
    const jobs = observedJobs(sabotage.jobs(store), table, this.auditor);
    this.around = {
      time: this.time,
      dice,
      network: this.network,
      gitea: this.gitea,
      jobs: this.watched(jobs),
      runs: this.watched(observedRuns(this.time, table, sabotage.fencesRuns, () => this.auditor)),
      deliveries: this.watched(sabotage.deliveries(this.deliveries)),
      leadership: new LeadershipTable(this.time),
      wire: new Wire(dice),
      isAlone: this.places === 1,
      sharesDisk: this.places === 1 || dice.isLucky(0.5),
      forge: new Forge(),
      agents: this.agents,
      killsTree: sabotage.killsTree,
      mishaps: () => this.mishap,
      pushed: (jobId, token) => this.guarded(() => this.auditor.pushedUnder(jobId, token)),
      issueRead: (key) => this.auditor.issueRead(key),
      drafted: (jobId, readAt, blockers) => this.auditor.jobDrafted(jobId, readAt, blockers),
    };
    for (let at = 0; at < this.places; at += 1) this.startReplica();
  }

  async run(): Promise<SimulationResult> {
    const { seed, steps } = this.options;
    let failure: SimulationResult['failure'] = null;
    try {
      for (; this.stepNumber < steps; this.stepNumber += 1) {
        await this.dice.weigh(this.actions()).take();
        await this.settle();
      }
      await this.comeToRest();
      await this.finishAll();
      this.auditor.checkHistories();
    } catch (error) {
      failure = { sentence: error instanceof Error ? error.message : String(error), step: this.stepNumber };
      this.note(`BROKEN ${failure.sentence}`);
    }
    const trace = this.options.keepsTrace === true ? this.lines : this.lines.slice(-SHOWN_LINES);
    return { seed, hash: this.hash.digest('hex').slice(0, 16), counts: this.auditor.counts, failure, trace };
  }

  /** What can happen next, and how likely each is. */
  private actions(): readonly Action[] {
    const { dice, gitea, network } = this;
    const running = this.replicas.filter(({ isRunning }) => isRunning);
    const up = running.filter(({ state }) => state === 'runs');
    const paused = this.replicas.filter(({ state }) => state === 'paused');
    const cut = running.filter(({ gate }) => gate.isPartitioned);
    const movable = network.movable();
    const actions: Action[] = [
      { weight: 12, take: () => this.passTime() },
      { weight: 6, take: () => this.note(gitea.act()) },
    ];
    if (movable.length > 0) actions.push({ weight: 30, take: () => this.move(movable) });
    if (gitea.sendings.length > 0 && up.length > 0) actions.push({ weight: 10, take: () => this.send(dice.pick(up)) });
    if (up.length > 0) {
      actions.push({ weight: 3, take: () => this.wake(dice.pick(up)) });
      actions.push({ weight: 0.7, take: () => this.pause(dice.pick(up)) });
      actions.push({ weight: 0.3, take: () => this.stop(dice.pick(up)) });
      actions.push({ weight: 0.5, take: () => this.partition(dice.pick(up)) });
      actions.push({ weight: 0.5, take: () => this.jump(dice.pick(up)) });
    }
    if (running.length > 0) actions.push({ weight: 0.6, take: () => this.kill(dice.pick(running)) });
    if (paused.length > 0) actions.push({ weight: 1.5, take: () => this.goOn(dice.pick(paused)) });
    if (cut.length > 0) actions.push({ weight: 2, take: () => this.heal(dice.pick(cut)) });
    if (this.replicas.length < this.places) actions.push({ weight: 3, take: () => this.startReplica() });
    return actions;
  }

  private async passTime(): Promise<void> {
    const { dice, time } = this;
    const next = time.untilNext;
    const ms = next !== null && dice.isLucky(0.7) ? next : dice.pick([10, 700, 3_000, 12_000, 31_000]);
    this.note(`${ms} ms pass`);
    const until = time.elapsed + ms;
    // Whoever wakes acts at once: a process that stands still is one that is paused.
    for (let step = time.untilNext; step !== null && time.elapsed + step < until; step = time.untilNext) {
      time.advance(step);
      await quiet();
    }
    time.advance(until - time.elapsed);
  }

  private move(movable: readonly Network['held'][number][]): void {
    // The oldest more often than not: else slow calls pile up.
    const call = this.dice.isLucky(0.5) ? movable[0] : this.dice.pick(movable);
    if (call === undefined) return;
    this.note(`${call.gate.name}: ${call.name} ${call.stage === 'request' ? 'arrives' : 'is answered'}`);
    this.network.take(call);
  }

  private send(replica: Replica): void {
    const { sendings } = this.gitea;
    const at = this.dice.isLucky(0.7) ? 0 : this.dice.below(sendings.length);
    const [sending] = sendings.splice(at, 1);
    if (sending === undefined) return;
    const { delivery } = sending;
    this.note(`${replica.holder}: ${delivery.id} (${delivery.action} #${delivery.issue.ref.number}) is sent`);
    void replica.take(delivery).then((isAccepted) => {
      if (!isAccepted) return this.note(`${replica.holder}: ${delivery.id} is refused`);
      this.guarded(() => this.auditor.deliveryAccepted(delivery.id));
      this.around.wire.tell(null, null);
    });
  }

  private startReplica(): void {
    this.started += 1;
    const replica = new Replica(`replica-${this.started}`, this.around);
    this.replicas.push(replica);
    this.note(`${replica.holder} starts`);
  }

  private wake(replica: Replica): void {
    this.note(`${replica.holder} looks`);
    replica.wake();
  }

  private pause(replica: Replica): void {
    this.note(`${replica.holder} is paused`);
    replica.pause();
  }

  private goOn(replica: Replica): void {
    this.note(`${replica.holder} goes on`);
    replica.goOn();
  }

  private stop(replica: Replica): void {
    this.note(`${replica.holder} shuts down`);
    replica.stop();
  }

  private kill(replica: Replica): void {
    this.note(`${replica.holder} is killed`);
    replica.kill();
  }

  private partition(replica: Replica): void {
    this.note(`${replica.holder} is cut off`);
    replica.gate.isPartitioned = true;
  }

  private heal(replica: Replica): void {
    this.note(`${replica.holder} is connected again`);
    replica.gate.isPartitioned = false;
  }

  private jump(replica: Replica): void {
    const ms = this.dice.pick([-3_600_000, -5_000, 5_000, 3_600_000]);
    this.note(`${replica.holder}: its clock is set by ${ms} ms`);
    replica.clock.jump(ms);
  }

  /** No faults any more: time passes until every issue is where it belongs. */
  private async comeToRest(): Promise<void> {
    const { gitea, time } = this;
    this.weather.slowness = 0;
    this.weather.faultiness = 0;
    this.mishap = 0;
    gitea.loseAll();
    this.note('The faults end, and no webhook is on its way');
    for (const replica of this.replicas) {
      replica.gate.isPartitioned = false;
      if (replica.state === 'paused') replica.goOn();
    }
    await this.settle();
    const endAt = time.elapsed + LONGEST_END_MS;
    const until = time.elapsed + 120_000;
    while (time.elapsed < until || !gitea.issues.every((issue) => this.auditor.isAtRest(issue))) {
      await this.passQuietly();
      if (time.elapsed > endAt) break;
    }
    for (const issue of gitea.issues) this.auditor.checkEnd(issue);
  }

  /** People merge what is in review and close what they kept for themselves, until nothing is left to be done. */
  private async finishAll(): Promise<void> {
    const { gitea, time } = this;
    const table = this.auditor;
    for (;;) {
      const ready = gitea.issues.filter((issue) => issue.isOpen && (!issue.isAssigned || table.isReviewed(issue)));
      if (ready.length === 0) break;
      for (const issue of ready) this.note(gitea.close(issue));
      gitea.loseAll();
      const endAt = time.elapsed + LONGEST_END_MS;
      do await this.passQuietly();
      while (time.elapsed < endAt && !gitea.issues.every((issue) => table.isAtRest(issue)));
    }
    for (const issue of gitea.issues) table.checkEnd(issue);
    for (const issue of gitea.issues) table.checkFinished(issue);
    table.checkDeliveries(this.deliveries.waiting);
    if (this.deliveries.waiting.size > 0) table.fail(`${this.deliveries.waiting.size} deliveries wait for ever`);
  }

  private async passQuietly(): Promise<void> {
    while (this.replicas.length < this.places) this.startReplica();
    for (;;) {
      const [call] = this.network.movable();
      if (call === undefined) break;
      this.network.take(call);
      await this.settle();
    }
    this.time.advance(this.time.untilNext ?? 1_000);
    await this.settle();
  }

  /** Lets everything happen that can happen without another choice, and looks at what became of it. */
  private async settle(): Promise<void> {
    await quiet();
    for (let at = this.replicas.length - 1; at >= 0; at -= 1) {
      if (this.replicas[at]?.state === 'dead') this.replicas.splice(at, 1);
    }
    this.auditor.check(this.agents, this.replicas, this.deliveries.waiting);
    if (this.fault !== null) throw this.fault;
  }

  /** What breaks inside a call of a replica would be taken for a fault of the store: it is kept. */
  private guarded(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.fault ??= error;
    }
  }

  private watched<T extends object>(store: T): T {
    return new Proxy(store, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) =>
          (value.apply(target, given) as Promise<unknown>).catch((error: unknown) => {
            if (error instanceof Error && error.name === 'InvariantBroken') this.fault ??= error;
            throw error;
          });
      },
    });
  }

  private note(line: string): void {
    const whole = `${String(this.stepNumber).padStart(4)} ${String(this.time.elapsed).padStart(8)} ${line}`;
    this.hash.update(whole);
    this.lines.push(whole);
    if (this.options.keepsTrace !== true && this.lines.length > 2 * SHOWN_LINES) this.lines.splice(0, SHOWN_LINES);
  }
}

/** Resolves when nothing is left that goes on by itself: node runs such a callback after the last of the microtasks. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
