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
export {
  FILE_CHANGES,
  type CapturedWork,
  type ChangedFile,
  type Checkout,
  type Workspace,
  type WorkspaceRequest,
} from './workspaces.types.js';
