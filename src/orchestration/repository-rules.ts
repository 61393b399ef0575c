import { CONFIGURATION_PATH, parseRepositoryConfiguration } from '../quality-gates/index.js';
import { messageOf } from '../kernel/index.js';
import { RunFailedError } from './orchestration.errors.js';
import type { Workspace, Workspaces } from './workspaces.port.js';

/** What a repository says of work on it, on its base branch. */
export interface RepositoryRules {
  /** Added to the prompt; empty when there is nothing. */
  readonly notes: string;
  readonly maxRejections: number;
}

/**
 * Reads the rules at the pinned base commit. They can make the coordinator's limit smaller, never larger.
 *
 * @throws {RunFailedError} if the file is wrong: a person must mend it before any work makes sense
 */
export async function readRepositoryRules(
  workspaces: Workspaces,
  workspace: Workspace,
  maxRejections: number,
): Promise<RepositoryRules> {
  const text = await workspaces.readBaseFile(workspace, CONFIGURATION_PATH);
  if (text === null) return { notes: '', maxRejections };
  try {
    // The time limit only fills in gates, which are not looked at here.
    const { prompt, limits } = parseRepositoryConfiguration(text, CONFIGURATION_PATH, 1_000);
    return { notes: prompt ?? '', maxRejections: Math.min(maxRejections, limits.rejections ?? maxRejections) };
  } catch (error) {
    throw new RunFailedError('gates', true, messageOf(error), null, { cause: error });
  }
}
