export { Convergence } from './convergence.js';
export { GiteaAccessClient } from './gitea-access-client.js';
export { GiteaClient } from './gitea-client.js';
export { GiteaFilesClient } from './gitea-files-client.js';
export { GiteaHooksClient } from './gitea-hooks-client.js';
export { GiteaIssueLinks } from './gitea-issue-links.js';
export { GiteaSubIssues } from './gitea-sub-issues.js';
export { GiteaIssueTracker } from './gitea-issue-tracker.js';
export { GiteaModule } from './gitea.module.js';
export { GiteaPullRequests } from './gitea-pull-requests.js';
export type {
  PullRequestPicture,
  PullRequestReading,
  PullRequestReview,
  Reviewer,
  ReviewRemark,
} from './gitea-pulls.types.js';
export type { Permission, PermissionReading, Person, Start, StartReading } from './gitea-people.types.js';
export { GiteaPermissions } from './gitea-permissions.js';
export { GiteaStarts } from './gitea-starts.js';
export type { Repository } from './gitea-paths.js';
export type { GiteaHook, GiteaHookDraft, GiteaRepositoryStanding, HookPlace, NewFile } from './gitea-setup.types.js';
export type { GiteaModuleOptions } from './gitea.options.js';
export { differencesOfVersion, readGiteaVersion, supportOf, type GiteaVersion, type Release } from './gitea-version.js';
export {
  GiteaAnswerError,
  GiteaAuthError,
  GiteaRequestError,
  GiteaTooLargeError,
  GiteaUnreachableError,
  InvalidGiteaNameError,
  InvalidGiteaOptionsError,
} from './gitea.errors.js';
export { isMissing } from './missing.js';
export type {
  CommitStatus,
  GiteaComment,
  GiteaCommitStatus,
  GiteaIssue,
  GiteaLabel,
  GiteaPullRequest,
  GiteaRepository,
  GiteaUser,
  IssueLink,
  IssueReading,
  IssueRemark,
  LinkOutcome,
  PullRequestDraft,
  PullRequestLink,
  ReadMark,
  RemarksReading,
  SubIssueDraft,
  TrackedIssue,
} from './gitea.types.js';
