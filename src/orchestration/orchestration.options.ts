import { AgentRegistry, ModelAvailability } from '../agents/index.js';
import { CalibrationService } from '../calibration/index.js';
import { ContextMonitorService, resolveContextMonitorOptions } from '../context-monitor/index.js';
import { EntitlementService, UNKNOWN_STARTS, type StartSource } from '../entitlement/index.js';
import {
  InProcessEventBus,
  SystemClock,
  SystemRandomness,
  type Clock,
  type EventBus,
  type Randomness,
} from '../kernel/index.js';
import { IssueParserService, type IssueMetadata, type IssueText } from '../parser/index.js';
import { QualityGatesService, type BlockerEnd, type GateSubject, type Verdict } from '../quality-gates/index.js';
import { QueueService } from '../queue/index.js';
import { InMemoryDeliveryLog, type DeliveryLog } from '../webhook/index.js';
import type { AgentHealth } from './ports/agent-health.port.js';
import { BlindIssueTracker } from './ports/blind-issue-tracker.js';
import type { DispatchGuard } from './ports/dispatch-guard.port.js';
import { InMemoryRunStore } from './doubles/in-memory-run-store.js';
import { InMemoryWorkspaces } from './doubles/in-memory-workspaces.js';
import { NO_ISSUE_LINKS, type IssueLinks } from './ports/issue-links.port.js';
import type { IssueTracker } from './ports/issue-tracker.port.js';
import { ALWAYS_LEADING, type Leadership } from './ports/leadership.port.js';
import { InvalidOrchestrationOptionsError } from './orchestration.errors.js';
import { UNKNOWN_PULL_REQUESTS, type PullRequests } from './ports/pull-requests.port.js';
import { NO_REPLICAS, type Replicas } from './ports/replicas.port.js';
import { NO_REPOSITORY_FILES, type RepositoryFiles } from './ports/repository-files.port.js';
import type { RunStore } from './ports/run-store.port.js';
import { NO_SIGNALS, type Signals } from './ports/signals.port.js';
import { UNGUARDED_SPEND, type SpendGuard } from './ports/spend-guard.port.js';
import { NO_SUB_ISSUES, type IssueSplitter, type SubIssues } from './ports/sub-issues.port.js';
import type { Workspaces } from './ports/workspaces.port.js';

/** Turns an issue's text into metadata. IssueParserService is one. */
export interface IssueParser {
  parse(text: IssueText): Promise<IssueMetadata>;
}

/** Judges a commit. QualityGatesService is one. */
export interface GateJudge {
  judge(subject: GateSubject): Promise<Verdict>;
}

/** Bounds of the work, each checked when the module starts. */
export interface OrchestrationLimits {
  /**
   * How often the gates may reject a job before a person must act.
   * @default 5
   */
  readonly maxRejections: number;
  /**
   * How many rejected rounds in a row may leave nothing that was not there before, the first that left it among them,
   * before a person must act.
   * @default 3
   */
  readonly maxRoundsWithoutProgress: number;
  /**
   * How often a job may fail in a row for reasons that may pass before a person must act.
   * @default 5
   */
  readonly maxFailures: number;
  /**
   * How often a job's session may be replaced by a fresh one.
   * @default 10
   */
  readonly maxHandOvers: number;
  /**
   * How many turns of its agents a job may take before a person must act; each prompt is one.
   * @default 100
   */
  readonly maxTurns: number;
  /**
   * How often reviews may send a job's work back before a person must act in another way.
   * @default 20
   */
  readonly maxReviewRounds: number;
  /**
   * How often in a run an agent that crashed is opened again, and how often one whose turn was interrupted by nobody
   * here is prompted again. After one crash more its session is replaced, and then the run fails.
   * @default 3
   */
  readonly maxRecoveries: number;
  /**
   * How long an agent may give no sign of life while none of its tools runs, in milliseconds.
   * @default 300000
   */
  readonly silenceMs: number;
  /**
   * How long an agent may take to end its turn when it was silent or took too long, in milliseconds. Then its process
   * is ended.
   * @default 30000
   */
  readonly interruptGraceMs: number;
  /**
   * How long one turn of an agent may take, in milliseconds.
   * @default 3600000
   */
  readonly turnTimeoutMs: number;
  /**
   * How long one run may take, in milliseconds.
   * @default 14400000
   */
  readonly runTimeoutMs: number;
  /**
   * How long the runs of a job may take, all together, before a person must act, in milliseconds.
   * @default 86400000
   */
  readonly jobTimeoutMs: number;
  /**
   * How often the loop looks for work when nothing wakes it, in milliseconds.
   * @default 10000
   */
  readonly loopIntervalMs: number;
  /**
   * About how often the issue tracker is asked for what no webhook told, in milliseconds: see `nextSweepMs`.
   * @default 300000
   */
  readonly sweepIntervalMs: number;
  /**
   * How long running agents may take to stop when the app shuts down, in milliseconds.
   * @default 10000
   */
  readonly shutdownGraceMs: number;
}

/** What `OrchestrationModule.forRoot` accepts. Every port has a default that works within the process. */
export interface OrchestrationModuleOptions {
  /** Login of the bot: an issue assigned to it is work. @default 'mosaic' */
  readonly botName?: string;
  /** Scope of the labels that mirror a job's state. The tracker must know it too. @default 'mosaic' */
  readonly labelScope?: string;
  readonly limits?: Partial<OrchestrationLimits>;
  /** The agents and their profiles. @default none: every issue then waits for a person */
  readonly registry?: AgentRegistry;
  readonly queue?: QueueService;
  readonly deliveries?: DeliveryLog;
  readonly parser?: IssueParser;
  readonly judge?: GateJudge;
  readonly monitor?: ContextMonitorService;
  readonly tracker?: IssueTracker;
  /** What becomes of pull requests. @default nothing can be asked: a job in review waits for its issue to be closed */
  readonly pullRequests?: PullRequests;
  /** The tracker's own links between issues. @default none are written */
  readonly links?: IssueLinks;
  /**
   * Whether dependencies on issues of other repositories are written back as links too.
   * @default false
   */
  readonly linksOtherRepositories?: boolean;
  /** Issues that are opened for parts of others, and labels beside the state's. @default none */
  readonly subIssues?: SubIssues;
  /** Proposes how to cut issues that are too large. @default nobody, and only the numbers are posted */
  readonly splitter?: IssueSplitter | null;
  /** Files on default branches, read before there is a workspace. @default there are none */
  readonly files?: RepositoryFiles;
  /**
   * When an issue no longer blocks others, where its repository does not say: `closed`, or `merged` for one that has a
   * pull request of the coordinator.
   * @default 'closed'
   */
  readonly blockersFinished?: BlockerEnd;
  readonly workspaces?: Workspaces;
  readonly runs?: RunStore;
  /** Which of those that share the store leads. @default this one, for ever */
  readonly leadership?: Leadership;
  /** Those that share the store. @default there are no others */
  readonly replicas?: Replicas;
  /** What those that share the store tell each other. @default there are no others */
  readonly signals?: Signals;
  /**
   * Whether work is kept as a draft at the forge after each rejected round and each run that another may follow, so that
   * a coordinator without these workspaces can go on with it, or only when it stops.
   * @default false
   */
  readonly draftsEachRound?: boolean;
  /** What runs may spend. @default everything */
  readonly spendGuard?: SpendGuard;
  /** Learns from how turns end which profiles can be used. @default what this process has learnt */
  readonly agentHealth?: AgentHealth;
  /** Who else may say that no work is given to a profile. @default nobody */
  readonly dispatchGuards?: readonly DispatchGuard[];
  /** Corrects estimates by what finished work took. @default what this process has learnt */
  readonly calibration?: CalibrationService;
  /** Decides whose acts and words count. @default without a tracker to ask, everybody's */
  readonly entitlement?: EntitlementService;
  /** Knows who made an issue work for the bot. @default nobody can tell */
  readonly starts?: StartSource;
  /**
   * Whether agents and gates run in a sandbox. Each run says so, and the issue where they do not.
   * @default false: nothing is said to be confined unless somebody knows it
   */
  readonly isConfined?: boolean;
  readonly bus?: EventBus;
  readonly clock?: Clock;
  readonly randomness?: Randomness;
}

/** The options once checked, with every default filled in. */
export type OrchestrationOptions = Required<Omit<OrchestrationModuleOptions, 'limits'>> & {
  readonly limits: OrchestrationLimits;
};

/** What the leader's parts work with: its writes ask for the lead. See `ledOptions`. */
export const ORCHESTRATION_OPTIONS = Symbol('ORCHESTRATION_OPTIONS');

/** What runs and the loop work with, which every coordinator has: their writes ask for no lead. */
export const UNLED_OPTIONS = Symbol('UNLED_OPTIONS');

const DEFAULT_LIMITS: OrchestrationLimits = {
  maxRejections: 5,
  maxRoundsWithoutProgress: 3,
  maxFailures: 5,
  maxHandOvers: 10,
  maxTurns: 100,
  maxReviewRounds: 20,
  maxRecoveries: 3,
  silenceMs: 300_000,
  interruptGraceMs: 30_000,
  turnTimeoutMs: 3_600_000,
  runTimeoutMs: 14_400_000,
  jobTimeoutMs: 86_400_000,
  loopIntervalMs: 10_000,
  sweepIntervalMs: 300_000,
  shutdownGraceMs: 10_000,
};

/** @throws {InvalidOrchestrationOptionsError} if a limit is not a whole number from 1 */
export function resolveOrchestrationOptions(given: OrchestrationModuleOptions): OrchestrationOptions {
  const limits = { ...DEFAULT_LIMITS, ...given.limits };
  const wrong = Object.entries(limits).filter(([, value]) => !Number.isInteger(value) || value < 1);
  if (wrong.length > 0) {
    const names = wrong.map(([name, value]) => `${name}=${value}`).join(', ');
    throw new InvalidOrchestrationOptionsError(`Expected whole numbers from 1 as limits, got ${names}`);
  }
  const clock = given.clock ?? new SystemClock();
  const bus = given.bus ?? new InProcessEventBus();
  const queue = given.queue ?? QueueService.inMemory({ clock, bus });
  const registry = given.registry ?? new AgentRegistry([]);
  const randomness = given.randomness ?? new SystemRandomness();
  return {
    botName: 'mosaic',
    labelScope: 'mosaic',
    deliveries: new InMemoryDeliveryLog(),
    parser: IssueParserService.alone(),
    judge: QualityGatesService.alone(),
    monitor: new ContextMonitorService(resolveContextMonitorOptions({}), clock),
    tracker: new BlindIssueTracker(),
    pullRequests: UNKNOWN_PULL_REQUESTS,
    links: NO_ISSUE_LINKS,
    linksOtherRepositories: false,
    subIssues: NO_SUB_ISSUES,
    splitter: null,
    files: NO_REPOSITORY_FILES,
    blockersFinished: 'closed',
    workspaces: new InMemoryWorkspaces(),
    leadership: ALWAYS_LEADING,
    replicas: NO_REPLICAS,
    signals: NO_SIGNALS,
    draftsEachRound: false,
    spendGuard: UNGUARDED_SPEND,
    agentHealth: new ModelAvailability(registry.profiles, clock, randomness, bus),
    dispatchGuards: [],
    isConfined: false,
    calibration: CalibrationService.alone(),
    entitlement: EntitlementService.alone({ botName: given.botName ?? 'mosaic', clock }),
    starts: UNKNOWN_STARTS,
    runs: new InMemoryRunStore(clock, async (jobId, token) => {
      const job = await queue.find(jobId);
      return job?.state === 'running' && job.fencingToken === token;
    }),
    ...given,
    registry,
    queue,
    clock,
    randomness,
    bus,
    limits,
  };
}
