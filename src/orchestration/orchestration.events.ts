import type { DomainEvent, IssueRef } from '../kernel/index.js';
import type { IssueMetadata } from '../parser/index.js';
import type { GateResult } from '../quality-gates/index.js';
import type { HaltCause } from './job-details.js';
import type { RunPhase } from './orchestration.errors.js';
import type { Mishap, Remedy } from './runs/remedy.js';
import type { RunOutcome } from './ports/run-store.port.js';

/** What every event of a run names. */
interface RunEvent extends DomainEvent {
  readonly issue: IssueRef;
  readonly runId: string;
}

/** An issue's text was turned into metadata. */
export interface IssueParsed extends DomainEvent {
  readonly type: 'orchestration.issue-parsed';
  readonly issue: IssueRef;
  readonly metadata: IssueMetadata;
  /** The profile it was assigned to; null when none can do it or too little is known. */
  readonly profile: string | null;
  /** Why the profile was chosen by another number than the estimate, in a sentence; null where it was not. */
  readonly correction: string | null;
  /** What of its text no model is shown, as people do not see it or there is too much of it; null for nothing. */
  readonly hiddenText: string | null;
}

/** A job waits, for somebody who may not do so gave its issue to the bot or edited its text. */
export interface WorkRefused extends DomainEvent {
  readonly type: 'orchestration.work-refused';
  readonly issue: IssueRef;
  readonly cause: HaltCause;
  /** Login; null where the tracker does not know who it was. */
  readonly by: string | null;
  /** Why they may not, in one sentence. */
  readonly reason: string;
}

export interface RunStarted extends RunEvent {
  readonly type: 'orchestration.run-started';
  readonly profile: string;
  readonly branch: string;
  /** Whether it goes on with work of an earlier run. */
  readonly isContinuation: boolean;
  /** Whether its agent and gates are known to run in a sandbox. */
  readonly isConfined: boolean;
}

/** The agent used a tool. */
export interface AgentActed extends RunEvent {
  readonly type: 'orchestration.agent-acted';
  readonly tool: string;
  readonly summary: string;
}

/** The agent or its model waits before it tries again. */
export interface AgentWaited extends RunEvent {
  readonly type: 'orchestration.agent-waited';
  readonly detail: string;
  readonly waitMs: number;
}

/** The agent did not go on by itself: its process ended, it was silent, or its turn was interrupted by nobody here. */
export interface AgentFaltered extends RunEvent {
  readonly type: 'orchestration.agent-faltered';
  readonly mishap: Mishap;
  readonly detail: string;
  /** How often in this run; of silences and interruptions, since its last turn that ended by itself. */
  readonly times: number;
  readonly remedy: Remedy;
}

/** A session's occupancy reached a threshold. */
export interface ContextFilled extends RunEvent {
  readonly type: 'orchestration.context-filled';
  readonly action: 'compact' | 'rotate';
  readonly reason: string;
}

/** A session was compacted. */
export interface SessionCompacted extends RunEvent {
  readonly type: 'orchestration.session-compacted';
  readonly helped: boolean;
  readonly usedTokensBefore: number | null;
  readonly usedTokensAfter: number | null;
}

/** A session was replaced by a fresh one. */
export interface SessionReplaced extends RunEvent {
  readonly type: 'orchestration.session-replaced';
  readonly reason: string;
}

/** The agent says that it is done, and the gates begin. */
export interface GatesStarted extends RunEvent {
  readonly type: 'orchestration.gates-started';
  readonly commit: string;
}

export interface GatesDecided extends RunEvent {
  readonly type: 'orchestration.gates-decided';
  readonly commit: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly results: readonly GateResult[];
}

/** A rejected agent goes on. */
export interface AgentSentBack extends RunEvent {
  readonly type: 'orchestration.agent-sent-back';
  readonly rejections: number;
  readonly limit: number;
}

export interface WorkPublished extends RunEvent {
  readonly type: 'orchestration.work-published';
  readonly branch: string;
  readonly commit: string;
  /** Null when nothing can be written to the tracker; the branch is then in the local mirror. */
  readonly pullRequest: string | null;
}

/** What people ask for in reviews of its pull request sends a job's work back. */
export interface ReviewRoundBegan extends DomainEvent {
  readonly type: 'orchestration.review-round-began';
  readonly issue: IssueRef;
  readonly pullRequest: number;
  /** Logins. */
  readonly reviewers: readonly string[];
  /** How many remarks on lines they made. */
  readonly remarks: number;
  /** Which it is since the last fresh start, from 1. */
  readonly round: number;
}

/** Others than before approve a job's pull request. */
export interface ApprovalsChanged extends DomainEvent {
  readonly type: 'orchestration.approvals-changed';
  readonly issue: IssueRef;
  readonly pullRequest: number;
  /** Logins of those who approve its newest commit now. */
  readonly approvedBy: readonly string[];
}

/** Work that no gate has passed was kept on a branch of its own. */
export interface DraftKept extends DomainEvent {
  readonly type: 'orchestration.draft-kept';
  readonly issue: IssueRef;
  readonly branch: string;
  readonly commit: string;
}

/** Work that was not published could not be kept at the forge. It is in its workspace. */
export interface DraftNotKept extends DomainEvent {
  readonly type: 'orchestration.draft-not-kept';
  readonly issue: IssueRef;
  readonly reason: string;
}

export interface RunEnded extends RunEvent {
  readonly type: 'orchestration.run-ended';
  readonly outcome: RunOutcome;
  readonly reason: string;
  /** Null unless it failed. */
  readonly phase: RunPhase | null;
  readonly durationMs: number;
}

/** The loop looked once at everything. */
export interface LoopTicked extends DomainEvent {
  readonly type: 'orchestration.loop-ticked';
  readonly durationMs: number;
  readonly deliveries: number;
  readonly started: number;
}

/** This coordinator began to lead those that share its store, or leads no longer. */
export interface LeadChanged extends DomainEvent {
  readonly type: 'orchestration.lead-changed';
  readonly leads: boolean;
}

/** One part of a tick failed. The next tick does it again. */
export interface TickFailed extends DomainEvent {
  readonly type: 'orchestration.tick-failed';
  readonly part: string;
  readonly reason: string;
}

/** Somebody who may do so ordered something by a comment, and it was done or refused. */
export interface CommandCarriedOut extends DomainEvent {
  readonly type: 'orchestration.command-carried-out';
  readonly issue: IssueRef;
  /** Login. */
  readonly by: string;
  readonly command: string;
}

/** What was ordered together with an assignment is carried out, and the job that was made of it may be claimed. */
export interface ProfileSettled extends DomainEvent {
  readonly type: 'orchestration.profile-settled';
  readonly issue: IssueRef;
  /** Name of the profile that does it. */
  readonly profile: string;
}

/** Somebody who may not order anything said a command. Nothing follows. */
export interface CommandIgnored extends DomainEvent {
  readonly type: 'orchestration.command-ignored';
  readonly issue: IssueRef;
  /** Login. */
  readonly by: string;
  /** Why not, in a sentence. */
  readonly reason: string;
}

/** Something could not be written to the issue tracker. It is tried again. */
export interface WriteBackFailed extends DomainEvent {
  readonly type: 'orchestration.write-back-failed';
  readonly issue: IssueRef;
  readonly reason: string;
}

/** A link between issues was written because a text names it, or taken away because the text no longer does. */
export interface LinkChanged extends DomainEvent {
  readonly type: 'orchestration.link-changed';
  /** Whose text it is. */
  readonly issue: IssueRef;
  readonly blocker: IssueRef;
  readonly blocked: IssueRef;
  readonly change: 'add' | 'remove';
  /** Why the tracker will not have it, in a sentence; null where it is done. */
  readonly reason: string | null;
}

/** A circle of dependencies was named on an issue, or taken back. */
export interface CircleNamed extends DomainEvent {
  readonly type: 'orchestration.circle-named';
  readonly issue: IssueRef;
  /** The way round, by keys of issues; empty where it is broken. */
  readonly way: readonly string[];
}

/** Issues were opened for the parts of one that is too large for every agent. */
export interface IssueSplit extends DomainEvent {
  readonly type: 'orchestration.issue-split';
  readonly issue: IssueRef;
  readonly parts: readonly IssueRef[];
}

export type OrchestrationEvent =
  | IssueParsed
  | WorkRefused
  | RunStarted
  | AgentActed
  | AgentWaited
  | AgentFaltered
  | ContextFilled
  | SessionCompacted
  | SessionReplaced
  | GatesStarted
  | GatesDecided
  | AgentSentBack
  | WorkPublished
  | ReviewRoundBegan
  | ApprovalsChanged
  | DraftKept
  | DraftNotKept
  | RunEnded
  | LoopTicked
  | TickFailed
  | LeadChanged
  | ProfileSettled
  | CommandCarriedOut
  | CommandIgnored
  | WriteBackFailed
  | LinkChanged
  | CircleNamed
  | IssueSplit;
