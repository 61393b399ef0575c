import type { Spend, TurnStop } from '../../agents.types.js';

/** One thing a scripted agent does. */
export type ScriptStep =
  | { readonly do: 'say'; readonly text: string }
  /** Writes a whole file of the workspace. */
  | { readonly do: 'write'; readonly path: string; readonly content: string }
  /** Runs a bash command in the workspace, whatever its exit code. */
  | { readonly do: 'run'; readonly command: string }
  /** Reports occupancy, null for unknown, and what was spent for it. */
  | { readonly do: 'report-usage'; readonly usedTokens: number | null; readonly spend?: Partial<Spend> }
  /** Works on without doing anything until the turn is interrupted. */
  | { readonly do: 'wait-for-interrupt' }
  /** Ends the turn. The next prompt goes on with the next step. */
  | { readonly do: 'stop'; readonly stop: TurnStop; readonly detail?: string; readonly retryAfterMs?: number };

/** What is played for one issue, over all its prompts and sessions. */
export interface IssueScript {
  readonly steps: readonly ScriptStep[];
  /**
   * Occupancy after a compaction; null for unknown, *fails* for a compaction that does not work.
   * @default a tenth of what it was
   */
  readonly afterCompaction?: number | null | 'fails';
}

/** Scripts by issue, as `owner/repo#12`; `*` is for every other issue. */
export type AgentScript = Readonly<Record<string, IssueScript>>;
