import { NoCapableAgentError, assignProfile, type AgentProfile } from '../agents/index.js';
import type { IssueMetadata } from '../parser/index.js';
import type { OrchestrationOptions } from './orchestration.options.js';

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
    assignProfile({ estimatedTokens, difficulty: 'easy', recommendedAgent: null }, [profile], () => tokens);
    return null;
  } catch (error) {
    if (!(error instanceof NoCapableAgentError)) throw error;
    return error.reasons.map(({ reason }) => reason).join('; ');
  }
}
