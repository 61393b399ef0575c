import { repositoryKey } from '../../kernel/index.js';
import type { GateSubject } from '../../quality-gates/index.js';
import type { CapturedWork, Checkout, Workspace, Workspaces } from '../ports/workspaces.port.js';

/** What gates need to judge captured work: its checkout, and all that the base commit says of it. */
export async function gateSubject(
  workspaces: Pick<Workspaces, 'readBaseFile' | 'listBaseFiles' | 'changedFiles' | 'diff' | 'checkout'>,
  workspace: Workspace,
  { commit }: Pick<CapturedWork, 'commit'>,
  { directory }: Pick<Checkout, 'directory'>,
): Promise<GateSubject> {
  return {
    commit,
    checkout: directory,
    readBaseFile: (path) => workspaces.readBaseFile(workspace, path),
    listBaseFiles: () => workspaces.listBaseFiles(workspace),
    changedFiles: await workspaces.changedFiles(workspace, commit),
    diff: () => workspaces.diff(workspace, commit),
    base: {
      commit: workspace.baseCommit,
      repository: repositoryKey(workspace.issue),
      checkout: () => workspaces.checkout(workspace, workspace.baseCommit),
    },
  };
}
