import { describeCommitContents } from '../../../test/contracts/commit-contents.contract.js';
import { InMemoryWorkspaces } from './in-memory-workspaces.js';

describeCommitContents('InMemoryWorkspaces', async (files) => {
  const workspaces = new InMemoryWorkspaces(files);
  return { workspaces, stop: () => workspaces.dispose() };
});
