import type { TurnResult } from '../../agents/index.js';
import { messageOf } from '../../kernel/index.js';
import { visibleText } from '../../parser/index.js';
import { LeaseLostError } from '../../queue/index.js';
import { continuationPrompt, noChangePrompt, type Verdict } from '../../quality-gates/index.js';
import { commitMessage } from './commit-message.js';
import { gateSubject } from './gate-subject.js';
import { leaveDraft } from './leave-draft.js';
import { RunFailedError, RunInterruptedError, type RunPhase } from '../orchestration.errors.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import type { PresentOrder } from './present-order.js';
import {
  editedPrompt,
  firstPrompt,
  moreStepsPrompt,
  resumePrompt,
  treeRefusedPrompt,
  type Prompt,
  type WorkOrder,
} from './prompts.js';
import { publishWork } from './publish-work.js';
import {
  REJECTED_IDLENESS,
  cutShort,
  rejectedByGates,
  rejectedTree,
  withRejection,
  type Rejection,
} from './rejected-round.js';
import { noAnswerPrompt, reviewPrompt } from './review-prompt.js';
import type { RunEnding } from './run-ending.js';
import type { RunScope } from './run-scope.js';
import type { JobProgress } from '../ports/run-store.port.js';
import type { SessionKeeper } from './session-keeper.js';
import { standstillOf, type Standstill } from './standstill.js';
import { isForPerson, isTreeRefusal, type CapturedWork, type Workspace } from '../ports/workspaces.port.js';

/**
 * Prompts the agent, judges what it leaves, and sends it back, until the gates pass or a limit is reached.
 *
 * The agent's word that it is done starts the gates and decides nothing.
 */
export class WorkCycle {
  constructor(
    private readonly scope: RunScope,
    private readonly options: OrchestrationOptions,
    private readonly keeper: SessionKeeper,
    private readonly workspace: Workspace,
    private readonly work: PresentOrder,
    private readonly noteTurn: (turn: TurnResult) => void,
  ) {}

  private get order(): WorkOrder {
    return this.work.current;
  }

  /** @throws {RunFailedError} if it cannot go on; with the phase that failed */
  async untilDone(): Promise<RunEnding> {
    const published = await this.publishPassed();
    if (published !== null) return published;
    let prompt = await this.begin();
    for (;;) {
      const turn = await this.keeper.turn(await this.withNews(prompt));
      this.noteTurn(turn);
      this.assertTurnEnded(turn);
      const next = await this.follow(turn);
      if ('outcome' in next) return next;
      prompt = next;
    }
  }

  /** What is said next, or how it ended. Work by a text that is no longer the is not judged. */
  private async follow({ stop, text }: TurnResult): Promise<RunEnding | Prompt> {
    if (await this.work.follow()) return { text: editedPrompt(this.order), inHandOver: null };
    const next =
      stop === 'max_turns'
        ? await this.reject(cutShort('its turn took too many steps'), moreStepsPrompt)
        : await this.judge(text);
    return typeof next === 'string' ? { text: next, inHandOver: next } : next;
  }

  private async withNews(prompt: Prompt): Promise<Prompt> {
    if (!(await this.work.follow())) return prompt;
    return { text: `${editedPrompt(this.order)}\n\n${prompt.text}`, inHandOver: prompt.inHandOver };
  }

  /** What passed and was not published, because that failed or was cut off, needs no agent any more. */
  private async publishPassed(): Promise<RunEnding | null> {
    const { verdict } = this.scope.progress;
    if (verdict === null || !verdict.passed) return null;
    const work = await this.phase('gates', () => this.capture());
    if (work.commit !== verdict.commit) return null;
    this.announceStart(true);
    return this.publish(work, verdict);
  }

  private async begin(): Promise<Prompt> {
    const { verdict, rejections, session, rounds } = this.scope.progress;
    const isResumed = await this.keeper.open();
    this.announceStart(session !== null);
    const { begunAgain, isRevised } = this.scope.details;
    const { isMoved } = this.scope;
    if (session === null && (rounds.length > 0 || begunAgain !== null || isMoved)) {
      const reason = isMoved ? MOVED : (begunAgain ?? 'A person gave the issue a fresh start');
      return { text: await this.keeper.takeOver(reason), inHandOver: null };
    }
    if (session === null) return { text: firstPrompt(this.order), inHandOver: null };

    const { feedback } = this.order;
    const gone = feedback.length > 0 ? reviewPrompt(this.order) : resumePrompt();
    // Whether the session was told before it ended, nobody knows.
    const resumed = isRevised ? `${editedPrompt(this.order)}\n\n${gone}` : gone;
    const start = isResumed ? resumed : await this.keeper.takeOver('The earlier session could not be resumed');
    if (verdict === null || verdict.passed) return { text: start, inHandOver: null };
    const rejected = continuationPrompt(verdict, { rejections, limit: this.order.maxRejections });
    return { text: `${start}\n\n${rejected}`, inHandOver: rejected };
  }

  /** @param said the agent's last words, for a person where nothing else is left of its work */
  private async judge(said: string): Promise<RunEnding | string> {
    try {
      return await this.judgeTree(said);
    } catch (error) {
      if (!(error instanceof RunFailedError) || !isTreeRefusal(error.cause)) throw error;
      const { message } = error.cause;
      return this.reject(rejectedTree(message), (round) => treeRefusedPrompt(message, round));
    }
  }

  private async judgeTree(said: string): Promise<RunEnding | string> {
    const work = await this.phase('gates', () => this.capture());
    if (!work.isChanged) return this.reject(idle(said), noChangePrompt);
    const { publishedCommit } = this.scope.progress;
    const isUnanswered = this.order.feedback.length > 0 && work.commit === publishedCommit;
    if (isUnanswered) return this.reject(idle(said), noAnswerPrompt);

    await this.noteNews(work.commit);
    const verdict = await this.phase('gates', () => this.verdictOn(work));
    if (!verdict.passed) return this.sendBack(work, verdict);
    if (await this.work.follow()) return editedPrompt(this.order);
    await this.scope.save({ headCommit: work.commit, verdict });
    return this.publish(work, verdict);
  }

  private async publish(work: CapturedWork, verdict: Verdict): Promise<RunEnding> {
    await this.phase('publication', () => publishWork(this.scope, this.options, this.workspace, work, verdict));
    return { outcome: 'in_review', reason: this.publishedSentence() };
  }

  /** Another round helps only against what the agent can mend. */
  private async sendBack(work: CapturedWork, verdict: Verdict): Promise<string> {
    const judged = { headCommit: work.commit, verdict };
    const { verdict: before } = this.scope.progress;
    if (verdict.fault !== 'change') await this.scope.save(judged);
    switch (verdict.fault) {
      case 'definition':
        throw new RunFailedError('gates', true, `The gates of the repository cannot be run: ${verdict.summary}`);
      case 'coordinator':
        throw new RunFailedError('gates', false, `The gates could not be run: ${verdict.summary}`);
      case 'change':
      case null:
        return this.reject(
          rejectedByGates(work, verdict),
          (round) => continuationPrompt(verdict, { ...round, before }),
          judged,
        );
    }
  }

  /** Something new to judge is progress. The same again is none, though a cut-off run may have brought it there. */
  private async noteNews(commit: string): Promise<void> {
    if (commit === this.scope.progress.gatedCommit) return;
    await this.scope.save({ gatedCommit: commit, startsWithoutProgress: 0 });
  }

  private capture(): Promise<CapturedWork> {
    return this.options.workspaces.capture(this.workspace, commitMessage(this.scope.job));
  }

  private async verdictOn(work: CapturedWork): Promise<Verdict> {
    this.scope.announce({ type: 'orchestration.gates-started', commit: work.commit });
    const checkout = await this.options.workspaces.checkout(this.workspace, work.commit);
    try {
      const subject = await gateSubject(this.options.workspaces, this.workspace, work, checkout);
      const verdict = await this.options.judge.judge({ ...subject, signal: this.scope.signal });
      const { commit, passed, summary, results } = verdict;
      this.scope.announce({ type: 'orchestration.gates-decided', commit, passed, summary, results });
      return verdict;
    } finally {
      await checkout.remove();
    }
  }

  /**
   * Counts a rejection, with the verdict it follows from and before anything follows from it, so that no crash gives a
   * round away. Another round is for work that gets on.
   */
  private async reject(
    rejection: Rejection,
    prompt: (round: { rejections: number; limit: number }) => string,
    judged: Partial<Pick<JobProgress, 'headCommit' | 'verdict'>> = {},
  ): Promise<string> {
    const limit = this.order.maxRejections;
    const remembered = withRejection(this.scope.progress, rejection, this.options.clock.now());
    await this.scope.count('rejections', { ...judged, ...remembered, startsWithoutProgress: 0 });
    const { rejections } = this.scope.progress;
    const { maxRoundsWithoutProgress } = this.options.limits;
    const standstill =
      rejection.fingerprint === null ? null : standstillOf(remembered.fingerprints, maxRoundsWithoutProgress);
    const stopped =
      standstill === null
        ? rejections >= limit && `The work was rejected ${rejections} times, which is the limit`
        : STANDSTILLS[standstill](maxRoundsWithoutProgress);
    if (stopped !== false) {
      throw new RunFailedError('continuation', true, `${stopped}. The last time: ${rejection.why}`);
    }
    await this.keepDraft();
    this.scope.announce({ type: 'orchestration.agent-sent-back', rejections, limit });
    return prompt({ rejections, limit });
  }

  /** Brings the work to where another coordinator finds it, in case this one is gone before the next round ends. */
  private async keepDraft(): Promise<void> {
    const { scope, options, workspace } = this;
    if (!options.draftsEachRound) return;
    const { draft } = await leaveDraft(options, workspace, scope.job, scope.progress);
    await scope.save({ draft });
  }

  private assertTurnEnded({ stop, detail, retryAfterMs, isUnreachable = false }: TurnResult): void {
    switch (stop) {
      case 'end_turn':
      case 'max_turns':
        return;
      case 'refusal':
        throw new RunFailedError('agent', true, `The model declined to work on this issue. ${detail ?? ''}`.trim());
      case 'auth':
        throw new RunFailedError('account', false, `The model refused the key of the profile. ${detail ?? ''}`.trim());
      case 'rate_limit':
        throw new RunFailedError('model', false, `The model is overloaded. ${detail ?? ''}`.trim(), retryAfterMs);
      case 'spend_limit':
        throw new RunFailedError(
          'account',
          false,
          `The account may spend no more. ${detail ?? ''}`.trim(),
          retryAfterMs,
        );
      case 'crashed':
      case 'error':
      case 'interrupted':
      case 'context_exhausted':
        throw new RunFailedError(
          isUnreachable ? 'model' : 'agent',
          false,
          `The agent's turn failed: ${detail ?? stop}`,
        );
    }
  }

  private announceStart(isContinuation: boolean): void {
    const { branch } = this.workspace;
    const { profile } = this.scope.job;
    const { isConfined } = this.options;
    this.scope.announce({ type: 'orchestration.run-started', profile, branch, isContinuation, isConfined });
  }

  private publishedSentence(): string {
    const { pullRequest, branch } = this.scope.progress;
    return pullRequest === null
      ? `The gates passed. The work is on branch ${branch} of the coordinator's mirror: without a token it cannot be pushed.`
      : `The gates passed. Pull request #${pullRequest.number} waits for review.`;
  }

  private async phase<T>(phase: RunPhase, step: () => Promise<T>): Promise<T> {
    this.scope.assertMayGoOn();
    try {
      return await step();
    } catch (error) {
      this.scope.assertMayGoOn();
      const isKnown =
        error instanceof RunFailedError || error instanceof RunInterruptedError || error instanceof LeaseLostError;
      if (isKnown) throw error;
      throw new RunFailedError(phase, isForPerson(error), messageOf(error), null, { cause: error });
    }
  }
}

/** Why there is no session, where the workspace was elsewhere. */
const MOVED = 'Another machine worked on it until now: what it had not kept on a branch is gone, and so is its session';

/** Why a job that stands still is stopped, after so many rounds. */
const STANDSTILLS: Readonly<Record<Standstill, (rounds: number) => string>> = {
  unchanged: (rounds) => `${rounds} rounds in a row left the same work with the same failures`,
  oscillating: (rounds) => `${rounds} rounds in a row came back to work that had been rejected before`,
  idle: () => 'The agent said twice that it is done, and had changed nothing',
};

/** What it says of nothing being left to do is for a person to read. */
function idle(said: string): Rejection {
  const words = visibleText(said).replace(/\s+/g, ' ').trim().slice(0, 200);
  const { why } = REJECTED_IDLENESS;
  return words === '' ? REJECTED_IDLENESS : { ...REJECTED_IDLENESS, why: `${why}; it said: "${words}"` };
}
