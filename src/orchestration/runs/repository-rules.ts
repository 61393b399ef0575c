import { CONFIGURATION_PATH, parseRepositoryConfiguration, type RepositoryLimits } from '../../quality-gates/index.js';
import { messageOf } from '../../kernel/index.js';
import { RunFailedError } from '../orchestration.errors.js';
import { readRepositoryNotes } from './repository-notes.js';
import type { Workspace, Workspaces } from '../ports/workspaces.port.js';

/** What a repository says of work on it, on its base branch. */
export interface RepositoryRules {
  /** Added to the prompt; empty when there is nothing. */
  readonly notes: string;
  readonly maxRejections: number;
  /** What it lets one issue spend, all its runs together. Null: no less than the coordinator does. */
  readonly budget: Pick<RepositoryLimits, 'tokens' | 'usd'>;
  /** How many minutes it lets one run take. Null: no less than the coordinator does. */
  readonly minutes: number | null;
}

/**
 * Reads the rules at the pinned base commit. They can make the coordinator's limits smaller, never larger.
 *
 * @throws {RunFailedError} if the file is wrong: a person must mend it before any work makes sense
 */
export async function readRepositoryRules(
  workspaces: Workspaces,
  workspace: Workspace,
  maxRejections: number,
): Promise<RepositoryRules> {
  const text = await workspaces.readBaseFile(workspace, CONFIGURATION_PATH);
  const notesBeside = (prompt: string | null): Promise<string> => readRepositoryNotes(workspaces, workspace, prompt);
  if (text === null) {
    return { notes: await notesBeside(null), maxRejections, budget: { tokens: null, usd: null }, minutes: null };
  }
  try {
    // The time limit only fills in gates, which are not looked at here.
    const { prompt, limits } = parseRepositoryConfiguration(text, CONFIGURATION_PATH, 1_000);
    const { rejections, tokens, usd, minutes } = limits;
    return {
      notes: await notesBeside(prompt),
      maxRejections: Math.min(maxRejections, rejections ?? maxRejections),
      budget: { tokens, usd },
      minutes,
    };
  } catch (error) {
    throw new RunFailedError('gates', true, messageOf(error), null, { cause: error });
  }
}
