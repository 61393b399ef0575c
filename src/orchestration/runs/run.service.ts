import { Inject, Injectable } from '@nestjs/common';

import type { AgentProfile, AgentRuntime, TurnResult } from '../../agents/index.js';
import { messageOf } from '../../kernel/index.js';
import { LeaseLostError, type Job } from '../../queue/index.js';
import { commitMessage } from './commit-message.js';
import { countStart } from './count-start.js';
import { readDetails } from '../job-details.js';
import { RunFailedError } from '../orchestration.errors.js';
import type { RunEnded } from '../orchestration.events.js';
import { UNLED_OPTIONS, type OrchestrationLimits, type OrchestrationOptions } from '../orchestration.options.js';
import { heldOptions } from './held-options.js';
import { leaveDraft, mayMove, stopsShort } from './leave-draft.js';
import { PresentOrder, textOfIssue } from './present-order.js';
import { pushedUnnoted } from './pushed-unnoted.js';
import { handOverPrompt, keepOnCompaction, type HandOver, type WorkOrder } from './prompts.js';
import { readRepositoryRules, type RepositoryRules } from './repository-rules.js';
import { RunClock } from './run-clock.js';
import { endingOf, type RunEnding } from './run-ending.js';
import { RunScope } from './run-scope.js';
import { RunSpending } from './run-spending.js';
import { SessionKeeper } from './session-keeper.js';
import { WorkCycle } from './work-cycle.js';
import { isTreeRefusal, type Workspace, type Workspaces } from '../ports/workspaces.port.js';

/**
 * Makes one attempt at a job: workspace, agent, gates, pull request.
 *
 * It never rejects, and it changes no job's state: it says how the attempt ended.
 */
@Injectable()
export class RunService {
  constructor(@Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** @param signal aborted with an InterruptionReason when the run must stop */
  async attempt(job: Job, signal: AbortSignal): Promise<RunEnding> {
    const { clock, randomness, runs, bus } = this.options;
    const startedAt = clock.monotonic();
    const runId = randomness.uuid();
    const runClock = new RunClock(signal, clock);
    const ending = await this.work(runId, job, runClock).catch(endingOf);
    runClock.end();
    // The record of a run is for people: the job itself does not depend on it.
    await runs.end(runId, ending.outcome, ending.reason).catch(() => undefined);
    bus.publish({
      type: 'orchestration.run-ended',
      issue: job.issue,
      runId,
      outcome: ending.outcome,
      reason: ending.reason,
      phase: 'phase' in ending ? ending.phase : null,
      durationMs: clock.monotonic() - startedAt,
    } satisfies RunEnded);
    return ending;
  }

  private async work(runId: string, job: Job, runClock: RunClock): Promise<RunEnding> {
    const { runs, limits } = this.options;
    const { signal } = runClock;
    await runs.start({ id: runId, jobId: job.id, fencingToken: job.fencingToken, profile: job.profile });
    const scope = new RunScope(runId, job, readDetails(job.details), signal, await runs.progress(job.id), this.options);
    scope.assertMayGoOn();
    const ending = await countStart(scope, limits.maxFailures, () => this.workOn(scope, runClock));
    return isOutOfTime(scope, limits) && ending.outcome === 'retryable' ? endingOf(outOfTime(limits)) : ending;
  }

  private async workOn(scope: RunScope, runClock: RunClock): Promise<RunEnding> {
    const { job, runId } = scope;
    const { limits } = this.options;
    if (isOutOfTime(scope, limits)) throw outOfTime(limits);
    const agent = this.agentOf(job);
    const held = heldOptions(this.options, job);
    const workspace = await this.prepareWorkspace(scope, held);
    const rules = await this.readRules(scope, workspace, held);
    await scope.save({ maxRejections: rules.maxRejections });
    void runClock.limit(rules.minutes, limits.jobTimeoutMs - scope.progress.workedMs);
    const begun = this.workOrder(scope, workspace, rules);
    const order = new PresentOrder(begun, scope.details, () => this.options.queue.find(job.id));
    const { id: jobId, issue } = job;
    const run = { jobId, runId, issue, profile: agent.profile, repositoryBudget: rules.budget };
    const spending = new RunSpending(this.options.spendGuard, run, this.options.clock);
    const keeper = this.keeper(scope, agent, workspace, order, spending);
    const noteTurn = (turn: TurnResult): void => this.options.agentHealth.noteTurn(agent.profile, turn);
    try {
      const cycle = new WorkCycle(scope, held, keeper, workspace, order, noteTurn);
      // What an agent leaves is taken when nobody works in the tree any more.
      const ending = await cycle.untilDone().catch(endingOf);
      await keeper.close();
      const { draftsEachRound } = this.options;
      if (stopsShort(ending, job.failures, limits.maxFailures) || (draftsEachRound && mayMove(ending))) {
        await leaveDraft(held, workspace, job, scope.progress);
      }
      return ending;
    } finally {
      await spending.settled();
      await scope.written();
    }
  }

  private agentOf(job: Job): { profile: AgentProfile; runtime: AgentRuntime } {
    const profile = this.options.registry.profiles.find(({ name }) => name === job.profile);
    if (profile === undefined) {
      throw new RunFailedError('spawn', true, `No agent profile is called "${job.profile}". Assign the issue again`);
    }
    return { profile, runtime: this.options.registry.runtimeOf(profile) };
  }

  private keeper(
    scope: RunScope,
    agent: { profile: AgentProfile; runtime: AgentRuntime },
    workspace: Workspace,
    order: PresentOrder,
    spending: RunSpending,
  ): SessionKeeper {
    const { monitor, clock, limits } = this.options;
    return new SessionKeeper(scope, {
      ...agent,
      workspace,
      monitor,
      clock,
      spending,
      noteAnswer: () => this.options.agentHealth.noteAnswer(agent.profile),
      limits,
      keep: () => keepOnCompaction(order.current, scope.progress.verdict),
      handOver: async (reason) =>
        handOverPrompt(order.current, {
          ...(await this.changesIn(workspace, scope.job)),
          verdict: scope.progress.verdict,
          rejections: scope.progress.rejections,
          rounds: scope.progress.rounds,
          draft: scope.progress.draft,
          reason,
        }),
    });
  }

  /** A tree that must not become a commit is for the next session to mend, and no reason to have none. */
  private async changesIn(workspace: Workspace, job: Job): Promise<Pick<HandOver, 'diffStat' | 'refusal'>> {
    try {
      const { diffStat } = await this.options.workspaces.capture(workspace, commitMessage(job));
      return { diffStat, refusal: null };
    } catch (error) {
      if (!isTreeRefusal(error)) throw error;
      return { diffStat: '', refusal: error.message };
    }
  }

  private async prepareWorkspace(scope: RunScope, { workspaces }: OrchestrationOptions): Promise<Workspace> {
    const { job, details } = scope;
    const { progress } = scope;
    const place = await this.takePlace(scope, workspaces);
    const workspace = await workspaces
      .prepare({
        issue: job.issue,
        title: job.title,
        baseBranch: progress.baseBranch ?? details.baseBranch,
        baseCommit: progress.baseCommit,
      })
      .catch((error: unknown) => {
        if (error instanceof LeaseLostError) throw error;
        const sentence = `The workspace cannot be made: ${messageOf(error)}`;
        throw new RunFailedError('workspace', false, sentence, null, { cause: error });
      });
    const { baseBranch, baseCommit, branch } = workspace;
    const left = scope.isMoved ? { session: null, usedTokens: null, usableTokens: null } : {};
    const unnoted = pushedUnnoted(progress, workspace);
    await scope.save({ baseBranch, baseCommit, branch, place, ...left, ...unnoted });
    return workspace;
  }

  /**
   * Where the job's workspace is from now on. One that another coordinator had elsewhere is made anew here, from what
   * was published and kept as a draft, and its session is left behind; so is what is left here of a time before that.
   */
  private async takePlace(scope: RunScope, workspaces: Workspaces): Promise<string> {
    const place = await workspaces.place();
    const known = scope.progress.place;
    scope.isMoved = known !== null && known !== place;
    if (scope.isMoved) await workspaces.remove(scope.job.issue);
    return place;
  }

  private async readRules(
    { job, progress }: RunScope,
    workspace: Workspace,
    held: OrchestrationOptions,
  ): Promise<RepositoryRules> {
    const { limits, workspaces } = held;
    try {
      return await readRepositoryRules(workspaces, workspace, limits.maxRejections);
    } catch (error) {
      // The rules are mended on a newer commit: a workspace that nobody has worked in must not keep the job on this one.
      const isUnused = error instanceof RunFailedError && progress.session === null;
      if (isUnused && (await leaveDraft(held, workspace, job, progress)).isKept) {
        await workspaces.remove(job.issue);
      }
      throw error;
    }
  }

  private workOrder({ job, details, progress }: RunScope, { branch }: Workspace, rules: RepositoryRules): WorkOrder {
    return {
      issue: job.issue,
      ...textOfIssue(job, details),
      branch,
      repositoryNotes: rules.notes,
      maxRejections: rules.maxRejections,
      remarks: details.remarks,
      feedback: progress.review?.open ?? [],
      fence: this.options.randomness.uuid(),
    };
  }
}

function isOutOfTime({ progress }: RunScope, { jobTimeoutMs }: OrchestrationLimits): boolean {
  return progress.workedMs >= jobTimeoutMs;
}

function outOfTime({ jobTimeoutMs }: OrchestrationLimits): RunFailedError {
  const sentence = `Its runs took ${Math.round(jobTimeoutMs / 60_000)} minutes together, which is the limit of a job (JOB_TIMEOUT_MINUTES)`;
  return new RunFailedError('agent', true, sentence);
}
