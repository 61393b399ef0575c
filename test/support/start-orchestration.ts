import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { AgentRegistry, ScriptedRuntime, type AgentProfile, type AgentScript } from '../../src/agents/index.js';
import { ProcessCommandRunner } from '../../src/command-runner/index.js';
import { InProcessEventBus, issueKey, type DomainEvent, type EventBus, type IssueRef } from '../../src/kernel/index.js';
import {
  InMemoryIssueLinks,
  InMemoryIssueTracker,
  InMemoryRunStore,
  InMemoryWorkspaces,
  OrchestrationLoop,
  OrchestrationModule,
  type GateJudge,
  type OrchestrationModuleOptions,
  type TrackedIssue,
} from '../../src/orchestration/index.js';
import type { GateFault, GateSubject, Verdict } from '../../src/quality-gates/index.js';
import { QueueService } from '../../src/queue/index.js';
import { FakeClock, SeededRandomness } from '../../src/testing/index.js';
import { InMemoryDeliveryLog, type Delivery } from '../../src/webhook/index.js';

export const PROFILE: AgentProfile = {
  name: 'scripted',
  runtime: 'scripted',
  model: 'none',
  baseUrl: null,
  apiKey: null,
  windowTokens: 200_000,
  maxOutputTokens: 100_000,
  difficultyUpTo: 'hard',
  prices: { input: 0, output: 0 },
  isSelfHosted: true,
  maxConcurrent: 10,
  unusableBecause: null,
};

/** What a verdict of the scripted judge is: passed, or the fault of its failure, or a failure of the judge itself. */
export type Ruling = 'pass' | GateFault | Error;

/** Judges by a list, and passes everything after its end. */
export class ScriptedJudge implements GateJudge {
  readonly subjects: GateSubject[] = [];

  constructor(private readonly rulings: readonly Ruling[]) {}

  async judge(subject: GateSubject): Promise<Verdict> {
    const ruling = this.rulings[this.subjects.length] ?? 'pass';
    this.subjects.push(subject);
    if (ruling instanceof Error) throw ruling;
    const passed = ruling === 'pass';
    const summary = passed ? '3 tests passed' : '1 of 3 tests failed';
    const fault = passed ? null : ruling;
    const numbers = { exitCode: passed ? 0 : 1, durationMs: 5, testsRun: 3, testsFailed: passed ? 0 : 1 };
    const result = {
      gate: 'test' as const,
      passed,
      fault,
      summary,
      argv: ['npm', 'test'],
      evidence: 'not ok 1',
      ...numbers,
    };
    return {
      commit: subject.commit,
      passed,
      fault,
      summary,
      results: [{ ...result, coveredPercent: null, origin: 'test' }],
      decidedAt: 0,
    };
  }
}

export const ISSUE: IssueRef = { owner: 'acme', repo: 'tools', number: 7 };

const BODY = `## Objective
Make it right, all of it, in every file that has something to do with it.
## Context Estimate
- Total estimated: 20,000 tokens
## Difficulty
easy
## Acceptance Criteria
- [ ] it is right
`;

/** An open issue with the structured format, assigned to the bot. */
export function anIssue(given: Partial<TrackedIssue> = {}): TrackedIssue {
  return {
    ref: ISSUE,
    title: 'Make it right',
    body: BODY,
    author: 'ada',
    state: 'open',
    assignees: ['mosaic'],
    labels: [],
    blockedBy: [],
    hiddenBlockers: 0,
    blocks: [],
    defaultBranch: 'main',
    ...given,
  };
}

let deliveryCount = 0;

/** A delivery that shows an issue as it is. */
export function aDelivery(issue: TrackedIssue, given: Partial<Delivery> & { updatedAt?: string } = {}): Delivery {
  deliveryCount += 1;
  const { ref, title, body, state, assignees, labels, defaultBranch } = issue;
  const { updatedAt = '2026-01-01T00:00:00Z', ...rest } = given;
  return {
    id: `delivery-${deliveryCount}`,
    kind: 'issue_assign',
    action: 'assigned',
    issue: { ref, title, body, state, assignees, labels, updatedAt, defaultBranch },
    sender: 'ada',
    receivedAt: deliveryCount,
    ...rest,
  };
}

export interface Start {
  readonly script?: AgentScript;
  readonly rulings?: readonly Ruling[];
  readonly options?: Partial<OrchestrationModuleOptions>;
  readonly baseFiles?: Readonly<Record<string, string>>;
  readonly profiles?: readonly AgentProfile[];
  /** Another clock than one of 2023-11-14. */
  readonly clock?: FakeClock;
  /** What an earlier process left. */
  readonly left?: Remains;
  /** Whether dependencies are written back as links of the tracker. */
  readonly isLinking?: boolean;
}

/** What outlives a process: stores, workspaces, the tracker; and the bus, so that one test hears of both. */
export interface Remains {
  readonly clock: FakeClock;
  readonly bus: EventBus;
  readonly queue: QueueService;
  readonly tracker: InMemoryIssueTracker;
  readonly deliveries: InMemoryDeliveryLog;
  readonly workspaces: InMemoryWorkspaces;
  readonly runs: InMemoryRunStore;
}

/** An agent that writes a file and says that it is done, as often as it is asked. */
const DILIGENT: AgentScript = {
  '*': {
    steps: Array.from({ length: 12 }, (_, round) => [
      { do: 'write' as const, path: 'work.txt', content: `round ${round}` },
      { do: 'stop' as const, stop: 'end_turn' as const },
    ]).flat(),
  },
};

/** Orchestration in a Nest app of its own, on doubles that behave. Close it at the end of the test. */
export async function startOrchestration(start: Start = {}) {
  const { script = DILIGENT, rulings = [], options, baseFiles, profiles, left } = start;
  const clock = left?.clock ?? start.clock ?? new FakeClock();
  const randomness = new SeededRandomness();
  const bus = left?.bus ?? new InProcessEventBus();
  const queue = left?.queue ?? QueueService.inMemory({ clock, bus, holder: 'this process', leaseMs: 30_000 });
  const tracker = left?.tracker ?? new InMemoryIssueTracker();
  const deliveries = left?.deliveries ?? new InMemoryDeliveryLog();
  const workspaces = left?.workspaces ?? new InMemoryWorkspaces(baseFiles);
  const runs =
    left?.runs ?? new InMemoryRunStore(clock, async (id, token) => (await queue.find(id))?.fencingToken === token);
  const judge = new ScriptedJudge(rulings);
  const commands = new ProcessCommandRunner();
  const registry = new AgentRegistry([new ScriptedRuntime(script, commands, clock, randomness)], profiles ?? [PROFILE]);
  const events: DomainEvent[] = [];
  const links = start.isLinking === true ? { links: new InMemoryIssueLinks(tracker) } : {};
  const doubles = { clock, randomness, bus, queue, tracker, deliveries, workspaces, runs, judge, registry, ...links };
  const moduleRef = await Test.createTestingModule({
    imports: [OrchestrationModule.forRoot({ ...doubles, ...options })],
  })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  const publish = bus.publish.bind(bus);
  const waiting: { readonly is: (event: DomainEvent) => boolean; readonly resolve: (event: DomainEvent) => void }[] =
    [];
  bus.publish = (event) => {
    events.push(event);
    publish(event);
    for (const waiter of waiting) if (waiter.is(event)) waiter.resolve(event);
  };
  const loop = moduleRef.get(OrchestrationLoop);

  /** Resolves with the next event of the type that has these fields. */
  function next<E extends DomainEvent>(type: E['type'], fields: Partial<E> = {}): Promise<E> {
    const wanted = Object.entries({ type, ...fields });
    const is = (event: DomainEvent): boolean =>
      wanted.every(([name, value]) => (event as unknown as Record<string, unknown>)[name] === value);
    return new Promise((resolve) => waiting.push({ is, resolve: (event) => resolve(event as E) }));
  }

  return {
    ...doubles,
    loop,
    events,
    next,
    moduleRef,
    /** Begins to tick. Not done before, so that a test can prepare what is to be found. */
    start: () => moduleRef.init(),
    /** Resolves when the job is in this state. */
    reaches: async (state: string, ref: IssueRef = ISSUE) => {
      const job = await queue.find(issueKey(ref));
      if (job?.state !== state) await next('queue.job-moved', { jobId: issueKey(ref), to: state } as object);
      return queue.require(ref);
    },
    /** Resolves when the loop has looked at everything once more. */
    look: async (): Promise<void> => {
      await loop.idle();
      const ticked = next('orchestration.loop-ticked');
      loop.wake();
      await ticked;
    },
    /** What was answered to commands on the issue, in order. */
    answers: () => tracker.comments(ISSUE).filter((_, at) => tracker.markerOf(ISSUE, at)?.startsWith('command-')),
    /** The types of the events of orchestration so far, in order. */
    seen: () => events.map(({ type }) => type.replace('orchestration.', '')),
    /** Ends the app, and leaves everything else as a process that ends does. */
    stop: () => moduleRef.close(),
    close: async () => {
      await moduleRef.close();
      await workspaces.dispose();
      await commands.onApplicationShutdown();
    },
  };
}
