import { isObjectName } from './git-command.js';
import { isBranchName, isWorkBranch } from './branch-name.js';

/** What is written beside a workspace, so that it is found again after a crash. */
export interface WorkspaceRecord {
  /** `owner/repo#12`, in lower case. */
  readonly issue: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly baseCommit: string;
}

/** Reads a record; null for a text that is none, as after a crash in the middle of writing. */
export function parseWorkspaceRecord(text: string): WorkspaceRecord | null {
  const fields = parsedObject(text);
  const [issue, branch, baseBranch, baseCommit] = ['issue', 'branch', 'baseBranch', 'baseCommit'].map((name) => {
    const value = fields[name];
    return typeof value === 'string' ? value : '';
  });
  if (!issue || !branch || !baseBranch || !baseCommit) return null;
  if (!isWorkBranch(branch) || !isBranchName(baseBranch) || !isObjectName(baseCommit)) return null;
  return { issue, branch, baseBranch, baseCommit };
}

function parsedObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
