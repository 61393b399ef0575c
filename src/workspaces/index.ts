export { branchName, isWorkBranch } from './branch-name.js';
export { GitWorkspaces } from './git-workspaces.js';
export {
  BaseMissingError,
  BranchMovedError,
  ForgeAccessError,
  ForgeUnreachableError,
  GitFailedError,
  InvalidWorkspaceRequestError,
  InvalidWorkspacesOptionsError,
  PushRefusedError,
  RepositoryMissingError,
  TreeRefusedError,
  WorkspaceMissingError,
} from './workspaces.errors.js';
export { WorkspacesModule } from './workspaces.module.js';
export type { WorkspacesModuleOptions } from './workspaces.options.js';
export type { CapturedWork, Checkout, Workspace, WorkspaceRequest } from './workspaces.types.js';
