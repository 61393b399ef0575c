import { SchedulerRegistry } from '@nestjs/schedule';

import { InProcessEventBus, issueKey, type Randomness } from '../../src/kernel/index.js';
import {
  OrchestrationLoop,
  OrchestrationModule,
  type IssueParser,
  type IssueTracker,
  type OrchestrationModuleOptions,
  type RunStore,
} from '../../src/orchestration/index.js';
import {
  QueueService,
  resolveQueueOptions,
  type ClaimLimits,
  type JobDraft,
  type JobStore,
} from '../../src/queue/index.js';
import type { Delivery, DeliveryLog } from '../../src/webhook/index.js';
import { CallGate, type Network } from './call-gate.js';
import { container, type Made } from './container.js';
import { replaced } from './replaced.js';
import type { Dice } from './dice.js';
import type { SimulatedGitea } from './simulated-gitea.js';
import {
  SimulatedJudge,
  SimulatedRuntime,
  SimulatedWorkspaces,
  type Forge,
  type LiveAgent,
} from './simulated-agents.js';
import type { LeadershipTable, Wire } from './simulated-leadership.js';
import { SimulatedClock, type SimulatedTime } from './simulated-time.js';

export const LEASE_MS = 30_000;
export const LIMITS: ClaimLimits = { global: 3, perRepository: 2, perProfile: { small: 2, large: 2 } };
const LOOP_INTERVAL_MS = 10_000;

/** What all replicas share, and what they are made of. */
export interface Surroundings {
  readonly time: SimulatedTime;
  readonly dice: Dice;
  readonly network: Network;
  readonly gitea: SimulatedGitea;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly deliveries: DeliveryLog;
  readonly leadership: LeadershipTable;
  readonly wire: Wire;
  /** Whether there is one replica at a time, as with the embedded store. */
  readonly isAlone: boolean;
  readonly sharesDisk: boolean;
  readonly forge: Forge;
  readonly agents: Set<LiveAgent>;
  readonly killsTree: boolean;
  /** How likely an agent is to fail, and its work to be sent back. */
  readonly mishaps: () => number;
  readonly pushed: (jobId: string, token: number) => void;
  /** Told when Gitea says what an issue is. */
  readonly issueRead: (key: string) => void;
  /** Told when a job was made or brought up to date, and when the issue was read by which that was done. */
  readonly drafted: (jobId: string, readAt: number, blockers: JobDraft['blockers']) => void;
}

/** One process of the coordinator: the real queue, loop, intake and runs, behind a gate of its own. */
export class Replica {
  state: 'runs' | 'paused' | 'stopping' | 'dead' = 'runs';
  /** When it went on after it was paused, in milliseconds of the simulation. */
  continuedAt = -Infinity;
  readonly clock: SimulatedClock;
  readonly gate: CallGate;
  private readonly loop: OrchestrationLoop;
  /** By job, the token under which this process works on it, or last did. */
  private readonly tokens = new Map<string, number>();
  private readonly deliveries: DeliveryLog;
  /** By issue, when Gitea was last asked about it, in milliseconds of the simulation. */
  private readonly readAt = new Map<string, number>();

  /** @param holder names this process, and no other one ever */
  constructor(
    readonly holder: string,
    private readonly around: Surroundings,
  ) {
    const { time, network, dice } = around;
    this.clock = new SimulatedClock(time);
    this.gate = new CallGate(holder, network);
    const bus = new InProcessEventBus();
    const randomness = chanceOf(holder, dice);
    this.deliveries = this.gate.wrap('deliveries', around.deliveries);
    const queue = new QueueService(
      resolveQueueOptions({
        store: this.reading(this.gate.wrap('jobs', around.jobs)),
        limits: LIMITS,
        leaseMs: LEASE_MS,
        holder,
        clock: this.clock,
        bus,
      }),
    );
    const options = this.options({ queue, bus, clock: this.clock, randomness });
    const made = container(OrchestrationModule, options, new Map([[SchedulerRegistry, NO_SCHEDULE]]));
    this.loop = made.get(OrchestrationLoop) as OrchestrationLoop;
    this.begin(made);
  }

  /** Whether its code goes on at this moment. */
  get isRunning(): boolean {
    return this.state === 'runs' || this.state === 'stopping';
  }

  /** A webhook arrives. */
  async take(delivery: Delivery): Promise<boolean> {
    const isAccepted = await this.deliveries.record(delivery).then(
      () => true,
      () => false,
    );
    if (isAccepted) this.wake();
    return isAccepted;
  }

  wake(): void {
    this.loop.wake();
  }

  pause(): void {
    this.state = 'paused';
    this.clock.isStopped = true;
    this.gate.isDeaf = true;
  }

  goOn(): void {
    this.state = 'runs';
    this.continuedAt = this.around.time.elapsed;
    this.clock.isStopped = false;
    this.gate.isDeaf = false;
    this.around.time.wakeDue();
  }

  /** Ends it as an operator does. */
  stop(): void {
    this.state = 'stopping';
    void this.loop.beforeApplicationShutdown().then(() => {
      if (this.state === 'stopping') this.kill();
    });
  }

  /** Nothing of it happens any more. Its agents end with it. */
  kill(): void {
    this.state = 'dead';
    this.gate.isCut = true;
    this.gate.isDeaf = true;
    this.clock.isStopped = true;
    this.around.time.forget(this.clock);
    if (!this.around.killsTree) return;
    for (const agent of this.around.agents) if (agent.replica === this.holder) this.around.agents.delete(agent);
  }

  private options(
    own: Pick<OrchestrationModuleOptions, 'queue' | 'bus' | 'clock' | 'randomness'>,
  ): OrchestrationModuleOptions {
    const { gate, tokens, around } = this;
    const { gitea, runs, dice, forge, agents, killsTree, mishaps } = around;
    const tokenOf = (jobId: string): number => tokens.get(jobId) ?? 0;
    const { holder: replica, clock } = this;
    const runtime = new SimulatedRuntime(agents, { replica, clock, dice, forge, tokenOf, killsTree, mishaps });
    const workspaces = new SimulatedWorkspaces(forge, around.sharesDisk ? 'shared' : this.holder, (jobId) =>
      around.pushed(jobId, tokenOf(jobId)),
    );
    return {
      ...own,
      botName: 'mosaic',
      limits: { loopIntervalMs: LOOP_INTERVAL_MS, sweepIntervalMs: 60_000 },
      registry: runtime.registry,
      deliveries: this.deliveries,
      tracker: gate.wrap('gitea', this.read(gitea.tracker)),
      // One that is alone with its store leads for ever.
      ...(around.isAlone
        ? {}
        : { leadership: around.leadership.asSeenBy(this.holder, gate), signals: around.wire.asSeenBy(gate) }),
      parser: PARSER,
      judge: new SimulatedJudge(dice, mishaps),
      workspaces: gate.wrap('workspaces', workspaces),
      runs: noting(gate.wrap('runs', runs), (jobId, token) => tokens.set(jobId, token)),
    };
  }

  /** Notes when Gitea was asked about each issue. */
  private read(tracker: IssueTracker): IssueTracker {
    const readIssue: IssueTracker['readIssue'] = (ref) => {
      this.readAt.set(issueKey(ref), this.around.time.elapsed);
      this.around.issueRead(issueKey(ref));
      return tracker.readIssue(ref);
    };
    return replaced(tracker, { readIssue });
  }

  /** Tells by how old a reading a job is made. */
  private reading(jobs: JobStore): JobStore {
    const put: JobStore['put'] = async (draft, reason, by) => {
      const id = issueKey(draft.issue);
      const readAt = this.readAt.get(id) ?? 0;
      const change = await jobs.put(draft, reason, by);
      // What has started goes on, whatever is found to block it: that counts with the next start.
      const { state } = change.job;
      if (state === 'available' || state === 'pending') this.around.drafted(id, readAt, draft.blockers);
      return change;
    };
    return replaced(jobs, { put });
  }

  private begin(made: Made): void {
    made.callHook('onModuleInit');
    made.callHook('onApplicationBootstrap');
    void this.tickForEver();
  }

  private async tickForEver(): Promise<void> {
    for (;;) {
      await this.clock.sleep(LOOP_INTERVAL_MS);
      this.wake();
    }
  }
}

/** The loop's interval is the simulation's own: the timer that the loop made is ended at once. */
const NO_SCHEDULE = {
  addInterval: (_name: string, timer: NodeJS.Timeout) => clearInterval(timer),
  doesExist: () => false,
};

/** Says at once what nobody needs a model for: a body is the one criterion. */
const PARSER: IssueParser = {
  parse: async ({ ref, body }) => ({
    estimatedTokens: 20_000,
    difficulty: ref.number % 3 === 0 ? 'hard' : 'easy',
    recommendedAgent: null,
    blocks: [],
    blockedBy: [],
    acceptanceCriteria: [body],
    confidence: 0.9,
    questions: [],
    sources: { estimatedTokens: 'structure', difficulty: 'structure', acceptanceCriteria: 'structure' },
  }),
};

/** Notes under which token each run begins. */
function noting(runs: RunStore, note: (jobId: string, token: number) => void): RunStore {
  const start: RunStore['start'] = (run) => {
    note(run.jobId, run.fencingToken);
    return runs.start(run);
  };
  return replaced(runs, { start });
}

function chanceOf(holder: string, dice: Dice): Randomness {
  let made = 0;
  return {
    uuid: () => {
      made += 1;
      return `${holder}-${made}`;
    },
    fraction: () => dice.below(1_000_000) / 1_000_000,
  };
}
