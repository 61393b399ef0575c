import { NoCapableAgentError, assignProfile, type AgentProfile, type AssignmentNeed } from '../../agents/index.js';
import { DIFFICULTIES } from '../../kernel/index.js';
import type { IssueMetadata } from '../../parser/index.js';
import type { OrchestrationOptions } from '../orchestration.options.js';

/**
 * Among which profiles one is chosen, and for what need. Where a person chose one, how hard the work may be for it is
 * no question; a chosen profile that is gone is no choice.
 */
export function choiceOf(
  need: AssignmentNeed,
  profiles: readonly AgentProfile[],
  chosen: string | null,
): [AssignmentNeed, readonly AgentProfile[]] {
  const pinned = profiles.filter(({ name }) => name === chosen);
  return pinned.length === 0 ? [need, profiles] : [trusted(need), pinned];
}

/**
 * Why a profile that a person chose cannot take an issue, in a clause; null where it can. It must be usable and its
 * window hold twice the estimate; how hard the work may be for it is what the person decides.
 */
export async function whyUnfit(
  { calibration }: Pick<OrchestrationOptions, 'calibration'>,
  metadata: Pick<IssueMetadata, 'estimatedTokens' | 'difficulty'>,
  profile: AgentProfile,
): Promise<string | null> {
  const { estimatedTokens, difficulty } = metadata;
  const { tokens } = await calibration.correct(estimatedTokens, difficulty, profile.name);
  try {
    assignProfile(trusted({ estimatedTokens, difficulty, recommendedAgent: null }), [profile], () => tokens);
    return null;
  } catch (error) {
    if (!(error instanceof NoCapableAgentError)) throw error;
    return error.reasons.map(({ reason }) => reason).join('; ');
  }
}

function trusted(need: AssignmentNeed): AssignmentNeed {
  return { ...need, difficulty: DIFFICULTIES[0] };
}
