import type { IssueRef } from '../../kernel/index.js';
import type { IssueRemark } from '../ports/issue-tracker.port.js';
import type { Remark } from '../ports/remark.types.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import { withoutCommands } from './read-command.js';

/** The longest remark that is kept, in characters. */
const LONGEST_REMARK = 4_000;

/**
 * What of these remarks an agent may be told: those of people who may steer the work, as far as they say something that
 * a person sees and that is no command.
 *
 * @throws {EntitlementUnknownError} if it cannot be told now who may
 */
export async function heardRemarks(
  { entitlement }: Pick<OrchestrationOptions, 'entitlement'>,
  ref: IssueRef,
  remarks: readonly IssueRemark[],
): Promise<readonly Remark[]> {
  const heard: Remark[] = [];
  for (const { author, text } of remarks) {
    const said = withoutCommands(text);
    if (said === '' || !(await entitlement.standingOf(ref, author)).isEntitled) continue;
    heard.push({ author, text: said.length > LONGEST_REMARK ? `${said.slice(0, LONGEST_REMARK)} [cut]` : said });
  }
  return heard;
}
