import { CodedError } from '../kernel/index.js';

/** Options of the workspaces that are out of range. Thrown while the module starts. */
export class InvalidWorkspacesOptionsError extends CodedError<'WORKSPACES_OPTIONS_INVALID'> {
  override readonly code = 'WORKSPACES_OPTIONS_INVALID';
}

/** A name, path or commit that cannot be one, whoever sent it. Nothing was done with it. */
export class InvalidWorkspaceRequestError extends CodedError<'WORKSPACES_REQUEST_INVALID'> {
  override readonly code = 'WORKSPACES_REQUEST_INVALID';
}

/** The forge could not be reached, or failed by itself. Trying again later may help. */
export class ForgeUnreachableError extends CodedError<'WORKSPACES_FORGE_UNREACHABLE'> {
  override readonly code = 'WORKSPACES_FORGE_UNREACHABLE';
}

/** The forge refused the token, or wants one. A person must give a valid one with the right to push. */
export class ForgeAccessError extends CodedError<'WORKSPACES_FORGE_ACCESS'> {
  override readonly code = 'WORKSPACES_FORGE_ACCESS';
}

/** The forge has no such repository, or hides it from this account. */
export class RepositoryMissingError extends CodedError<'WORKSPACES_REPOSITORY_MISSING'> {
  override readonly code = 'WORKSPACES_REPOSITORY_MISSING';
}

/** The branch or commit the work should start from does not exist at the forge. */
export class BaseMissingError extends CodedError<'WORKSPACES_BASE_MISSING'> {
  override readonly code = 'WORKSPACES_BASE_MISSING';
}

/** The branch is not where the caller left it: somebody else pushed to it. Nothing was published. */
export class BranchMovedError extends CodedError<'WORKSPACES_BRANCH_MOVED'> {
  override readonly code = 'WORKSPACES_BRANCH_MOVED';
}

/** The forge took the push and refused it: a protected branch, a hook, a limit. */
export class PushRefusedError extends CodedError<'WORKSPACES_PUSH_REFUSED'> {
  override readonly code = 'WORKSPACES_PUSH_REFUSED';
}

/** The tree holds what must not become a commit. The message names it, so that the agent can put it right. */
export class TreeRefusedError extends CodedError<'WORKSPACES_TREE_REFUSED'> {
  override readonly code = 'WORKSPACES_TREE_REFUSED';
}

/** The workspace is not there, or not whole. Prepare it again. */
export class WorkspaceMissingError extends CodedError<'WORKSPACES_MISSING'> {
  override readonly code = 'WORKSPACES_MISSING';
}

/** Git failed in a way that none of the other errors names, or ran too long. */
export class GitFailedError extends CodedError<'WORKSPACES_GIT_FAILED'> {
  override readonly code = 'WORKSPACES_GIT_FAILED';
}

/** The file that names the folder of workspaces holds no name. */
export class PlaceUnreadableError extends CodedError<'WORKSPACES_PLACE_UNREADABLE'> {
  override readonly code = 'WORKSPACES_PLACE_UNREADABLE';
}
