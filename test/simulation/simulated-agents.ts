import {
  AgentRegistry,
  UnknownSessionError,
  type AgentProfile,
  type AgentRuntime,
  type AgentSession,
  type CompactionResult,
  type ContextUsage,
  type SessionSpec,
  type TurnResult,
} from '../../src/agents/index.js';
import { CodedError, issueKey } from '../../src/kernel/index.js';
import type {
  CapturedWork,
  GateJudge,
  Workspace,
  WorkspaceRequest,
  Workspaces,
} from '../../src/orchestration/index.js';
import type { GateSubject, Verdict } from '../../src/quality-gates/index.js';
import type { Dice } from './dice.js';
import type { SimulatedClock } from './simulated-time.js';

/** An agent process that runs. */
export interface LiveAgent {
  readonly jobId: string;
  readonly token: number;
  readonly replica: string;
}

const PROFILE: AgentProfile = {
  name: 'small',
  runtime: 'simulated',
  model: 'none',
  baseUrl: null,
  apiKey: null,
  windowTokens: 200_000,
  maxOutputTokens: 100_000,
  difficultyUpTo: 'easy',
  prices: { input: 0, output: 0 },
  isSelfHosted: true,
  maxConcurrent: 10,
  unusableBecause: null,
};

/** How long an agent takes to stop that is told to. */
const STOP_MS = [0, 0, 300, 4_000] as const;

/** Easy work goes to the first, which costs nothing, all other to the second. */
export const PROFILES: readonly AgentProfile[] = [
  PROFILE,
  { ...PROFILE, name: 'large', difficultyUpTo: 'hard', isSelfHosted: false, prices: { input: 1, output: 1 } },
];

/** What has become of the work of every issue: branches, commits, sessions. Outlives every replica. */
export class Forge {
  readonly branches = new Map<string, string>();
  /** By issue, how often an agent wrote something. */
  readonly writes = new Map<string, number>();
  sessions = 0;
}

/** The agents of one replica. Its turns take time, and end well mostly. */
export class SimulatedRuntime implements AgentRuntime {
  readonly kind = 'simulated';
  readonly registry = new AgentRegistry([this], PROFILES);

  constructor(
    private readonly live: Set<LiveAgent>,
    private readonly seat: {
      readonly replica: string;
      readonly clock: SimulatedClock;
      readonly dice: Dice;
      readonly forge: Forge;
      /** The token under which this replica works on a job. */
      readonly tokenOf: (jobId: string) => number;
      /** Whether ending a session ends what it started. */
      readonly killsTree: boolean;
      /** How likely a turn is to end badly. */
      readonly mishaps: () => number;
    },
  ) {}

  async open({ issue, resume }: SessionSpec): Promise<AgentSession> {
    const { clock, dice, forge, replica, tokenOf, killsTree } = this.seat;
    const jobId = issueKey(issue);
    await clock.sleep(dice.pick([0, 0, 500, 3_000]));
    if (resume !== undefined && !resume.id.startsWith(`${jobId} `)) throw new UnknownSessionError('It is another one');
    forge.sessions += 1;
    const id = resume?.id ?? `${jobId} ${forge.sessions}`;
    const agent: LiveAgent = { jobId, token: tokenOf(jobId), replica };
    this.live.add(agent);
    const kill = async (): Promise<void> => {
      await clock.sleep(dice.pick(STOP_MS));
      if (killsTree) this.live.delete(agent);
    };
    return new SimulatedSession(id, () => this.turn(jobId), kill);
  }

  private async turn(jobId: string): Promise<TurnResult> {
    const { clock, dice, forge, mishaps } = this.seat;
    await clock.sleep(dice.between(1, 40) * 1_000);
    forge.writes.set(jobId, (forge.writes.get(jobId) ?? 0) + 1);
    const isBad = dice.isLucky(mishaps());
    return { stop: isBad ? 'error' : 'end_turn', text: '', detail: isBad ? 'It failed' : null, retryAfterMs: null };
  }
}

class SimulatedSession implements AgentSession {
  readonly capabilities = { resume: true, compact: true, usage: 'never' } as const;
  readonly ref;
  private end: (turn: TurnResult) => void = () => undefined;

  constructor(
    id: string,
    private readonly turn: () => Promise<TurnResult>,
    private readonly kill: () => Promise<void>,
  ) {
    this.ref = { runtime: 'simulated', id };
  }

  prompt(): Promise<TurnResult> {
    return new Promise((resolve) => {
      this.end = resolve;
      void this.turn().then(resolve);
    });
  }

  interrupt(): void {
    this.end({ stop: 'interrupted', text: '', detail: null, retryAfterMs: null });
  }

  async compact(): Promise<CompactionResult> {
    return { succeeded: true, usedTokensAfter: null, detail: null };
  }

  contextUsage(): ContextUsage {
    return { usedTokens: null, windowTokens: null, usableTokens: null };
  }

  async close(): Promise<void> {
    this.interrupt();
    await this.kill();
  }
}

/** A workspace for each issue, as if nothing were ever lost of it. A commit is what the agents wrote until then. */
export class SimulatedWorkspaces implements Workspaces {
  readonly canPush = true;

  constructor(
    private readonly forge: Forge,
    /** Names the disk that they are on. */
    private readonly storage: string,
    /** Told of every push that was accepted. */
    private readonly pushed: (jobId: string) => void,
  ) {}

  async place(): Promise<string> {
    return this.storage;
  }

  async prepare({ issue, baseBranch, baseCommit }: WorkspaceRequest): Promise<Workspace> {
    const folder = `/simulated/${issueKey(issue)}`;
    return {
      issue,
      directory: `${folder}/tree`,
      agentHome: `${folder}/agent`,
      branch: `coordinator/${issue.number}-work`,
      baseBranch: baseBranch ?? 'main',
      baseCommit: baseCommit ?? '0'.repeat(40),
    };
  }

  async capture({ issue, baseCommit }: Workspace): Promise<CapturedWork> {
    const writes = this.forge.writes.get(issueKey(issue)) ?? 0;
    const commit = writes === 0 ? baseCommit : String(writes).padStart(40, 'c');
    return { commit, tree: commit, isChanged: writes > 0, diffStat: `${writes} changes` };
  }

  async checkout() {
    return { directory: '/simulated/checkout', remove: async () => undefined };
  }

  async readBaseFile(): Promise<null> {
    return null;
  }

  async listBaseFiles(): Promise<readonly string[]> {
    return [];
  }

  async changedFiles(): Promise<readonly []> {
    return [];
  }

  async diff(): Promise<null> {
    return null;
  }

  async publish({ issue, branch }: Workspace, commit: string, expectedCommit: string | null): Promise<void> {
    const key = `${issueKey(issue)} ${branch}`;
    const present = this.forge.branches.get(key) ?? null;
    if (present === commit) return;
    if (present !== expectedCommit) throw new BranchMoved(`${key} is at ${present}, not at ${expectedCommit}`);
    this.forge.branches.set(key, commit);
    this.pushed(issueKey(issue));
  }

  async publishDraft({ issue }: Workspace, commit: string): Promise<string> {
    this.forge.branches.set(`${issueKey(issue)} draft`, commit);
    return `coordinator/wip/${issue.number}`;
  }

  async dropDraft({ issue }: Workspace): Promise<void> {
    this.forge.branches.delete(`${issueKey(issue)} draft`);
  }

  async remove(): Promise<void> {
    // The work itself is what matters here, and it is in the forge.
  }
}

/** As the forge says it of a push that expects another commit. */
class BranchMoved extends CodedError<'WORKSPACES_BRANCH_MOVED'> {
  override readonly code = 'WORKSPACES_BRANCH_MOVED';
}

/** Judges at once, and sends back now and then. */
export class SimulatedJudge implements GateJudge {
  constructor(
    private readonly dice: Dice,
    private readonly refusals: () => number,
  ) {}

  async judge({ commit }: GateSubject): Promise<Verdict> {
    const passed = !this.dice.isLucky(this.refusals());
    const fault = passed ? null : 'change';
    const summary = passed ? '3 tests passed' : '1 of 3 tests failed';
    const numbers = { exitCode: passed ? 0 : 1, durationMs: 5, testsRun: 3, testsFailed: passed ? 0 : 1 };
    const texts = {
      summary,
      argv: ['npm', 'test'],
      evidence: 'not ok 1',
      coveredPercent: null,
      origin: 'test',
    } as const;
    const results = [{ gate: 'test' as const, passed, fault, ...texts, ...numbers }] as Verdict['results'];
    return { commit, passed, fault, summary, results, decidedAt: 0 };
  }
}
