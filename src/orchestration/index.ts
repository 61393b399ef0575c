export type { AgentHealth } from './ports/agent-health.port.js';
export type { DispatchGuard, DispatchedJob } from './ports/dispatch-guard.port.js';
export { InMemoryIssueLinks } from './doubles/in-memory-issue-links.js';
export { InMemoryIssueTracker } from './doubles/in-memory-issue-tracker.js';
export { InMemoryPullRequests } from './doubles/in-memory-pull-requests.js';
export { InMemoryRunStore } from './doubles/in-memory-run-store.js';
export { InMemorySubIssues } from './doubles/in-memory-sub-issues.js';
export { InMemoryWorkspaces } from './doubles/in-memory-workspaces.js';
export { InMemoryLead } from './doubles/in-memory-lead.js';
export { SignalHub } from './doubles/signal-hub.js';
export type { IssueLink, IssueLinks, LinkOutcome } from './ports/issue-links.port.js';
export type {
  CommitStatus,
  IssueReading,
  IssueRemark,
  IssueTracker,
  PullRequestDraft,
  PullRequestLink,
  TrackedIssue,
} from './ports/issue-tracker.port.js';
export { readDetails, type JobDetails } from './job-details.js';
export {
  InvalidJobDetailsError,
  InvalidOrchestrationOptionsError,
  RUN_PHASES,
  RunFailedError,
  RunInterruptedError,
  type RunPhase,
} from './orchestration.errors.js';
export type {
  AgentActed,
  AgentFaltered,
  AgentSentBack,
  AgentWaited,
  CircleNamed,
  ApprovalsChanged,
  CommandCarriedOut,
  CommandIgnored,
  ContextFilled,
  DraftKept,
  DraftNotKept,
  GatesDecided,
  GatesStarted,
  IssueParsed,
  IssueSplit,
  LinkChanged,
  LeadChanged,
  ProfileSettled,
  LoopTicked,
  OrchestrationEvent,
  ReviewRoundBegan,
  RunEnded,
  RunStarted,
  SessionCompacted,
  SessionReplaced,
  TickFailed,
  WorkPublished,
  WorkRefused,
  WriteBackFailed,
} from './orchestration.events.js';
export { OrchestrationLoop } from './orchestration-loop.js';
export { stateLabel } from './status/status-comment.js';
export { OrchestrationModule } from './orchestration.module.js';
export {
  resolveOrchestrationOptions,
  type GateJudge,
  type IssueParser,
  type OrchestrationLimits,
  type OrchestrationModuleOptions,
} from './orchestration.options.js';
export type {
  PullRequestPicture,
  PullRequestReading,
  PullRequestReview,
  PullRequests,
  Reviewer,
  ReviewRemark,
} from './ports/pull-requests.port.js';
export { ALWAYS_LEADING, type Leadership } from './ports/leadership.port.js';
export type { Replicas } from './ports/replicas.port.js';
export type { RepositoryFiles } from './ports/repository-files.port.js';
export type { LineRemark, ReviewFeedback } from './ports/review-feedback.js';
export {
  RUN_OUTCOMES,
  RUN_STORE,
  type Aftermath,
  type Draft,
  type JobProgress,
  type RejectedRound,
  type ReviewRecord,
  type RunOutcome,
  type RunRecord,
  type RunStore,
  type Stop,
} from './ports/run-store.port.js';
export type { IssueSplitter, SubIssueDraft, SubIssues } from './ports/sub-issues.port.js';
export type { Signals } from './ports/signals.port.js';
export type { SpendGuard, SpendRefusal, SpendingRun } from './ports/spend-guard.port.js';
export type { CapturedWork, Checkout, Workspace, WorkspaceRequest, Workspaces } from './ports/workspaces.port.js';
