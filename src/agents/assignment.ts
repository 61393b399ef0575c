import { DIFFICULTIES, type Difficulty } from '../kernel/index.js';
import { usableWindow, type AgentProfile } from './agent-profile.js';
import { InvalidEstimateError, NoCapableAgentError, type UnfitProfile } from './assignment.errors.js';

/** What decides which profile an issue gets. An issue's metadata is one. */
export interface AssignmentNeed {
  /** Tokens of context the work is expected to need. */
  readonly estimatedTokens: number;
  readonly difficulty: Difficulty;
  /** Name of a profile, in any case. Decides among profiles that cost the same, and nothing else. */
  readonly recommendedAgent: string | null;
}

/** How an issue could be cut so that some profile could take each part. */
export interface SplitProposal {
  readonly parts: number;
  /** The largest a part may be, in tokens. */
  readonly tokensPerPart: number;
  /** The hardest a part may be: less than the difficulty where nobody is trusted with that. */
  readonly difficultyUpTo: Difficulty;
}

/** What the work is expected to need with one profile, in tokens. */
export type EstimateFor = (profile: AgentProfile) => number;

/** A conversation needs room beside the work's own context: the usable window holds the estimate this many times. */
const WINDOW_PER_ESTIMATE = 2;

/**
 * Picks the cheapest profile that can do the work: its usable window holds twice the estimate (exactly twice is
 * enough), it is trusted with the difficulty, and nothing makes it unusable. Self-hosted comes before paid; an unknown
 * price comes after every known one. Among equals the recommended one, then the one trusted with the least, so that the
 * abler stay free, then the first in the list.
 *
 * @param estimateFor where experience has made another number of the estimate for some profiles
 * @throws {InvalidEstimateError} if an estimate is not a positive, finite number
 * @throws {NoCapableAgentError} if no profile can do it; with a reason for each
 */
export function assignProfile(
  need: AssignmentNeed,
  profiles: readonly AgentProfile[],
  estimateFor: EstimateFor = () => need.estimatedTokens,
): AgentProfile {
  checkEstimate(need.estimatedTokens);
  const reasons: UnfitProfile[] = [];
  let best: AgentProfile | undefined;
  for (const profile of profiles) {
    const reason = whyUnfit(need, profile, estimateFor);
    if (reason !== null) reasons.push({ profile: profile.name, reason });
    else if (best === undefined || isPreferred(profile, best, need.recommendedAgent)) best = profile;
  }
  if (best === undefined) throw new NoCapableAgentError(need, reasons);
  return best;
}

/**
 * Into how many parts an issue would have to be cut, and how large each may be. Null when no profile is usable at all,
 * as then no size helps. Where a profile has an estimate of its own, a part for it is larger or smaller accordingly.
 *
 * @throws {InvalidEstimateError} if an estimate is not a positive, finite number
 */
export function splitProposal(
  need: Pick<AssignmentNeed, 'estimatedTokens' | 'difficulty'>,
  profiles: readonly AgentProfile[],
  estimateFor: EstimateFor = () => need.estimatedTokens,
): SplitProposal | null {
  checkEstimate(need.estimatedTokens);
  const largestPart = (profile: AgentProfile): number => largestPartFor(profile, need, estimateFor);
  const usable = profiles.filter((profile) => profile.unusableBecause === null && largestPart(profile) > 0);
  if (usable.length === 0) return null;

  const hardest = usable.map((profile) => profile.difficultyUpTo).reduce((a, b) => (rank(a) < rank(b) ? b : a));
  const difficultyUpTo = rank(hardest) < rank(need.difficulty) ? hardest : need.difficulty;
  const trusted = usable.filter((profile) => rank(profile.difficultyUpTo) >= rank(difficultyUpTo));
  const largest = Math.max(...trusted.map(largestPart));
  const parts = Math.ceil(need.estimatedTokens / largest);
  return { parts, tokensPerPart: Math.ceil(need.estimatedTokens / parts), difficultyUpTo };
}

function checkEstimate(estimatedTokens: number): void {
  if (!(Number.isFinite(estimatedTokens) && estimatedTokens > 0)) throw new InvalidEstimateError(estimatedTokens);
}

function whyUnfit(need: AssignmentNeed, profile: AgentProfile, estimateFor: EstimateFor): string | null {
  if (profile.unusableBecause !== null) return profile.unusableBecause;
  const usable = usableWindow(profile);
  if (usable === null) return 'its context window is unknown';
  const estimate = estimateFor(profile);
  checkEstimate(estimate);
  // Written so that a window that is not a number is refused too.
  if (!(usable >= estimate * WINDOW_PER_ESTIMATE)) {
    const corrected = estimate === need.estimatedTokens ? '' : `, which is ${estimate} with this profile`;
    return `its usable window of ${usable} tokens holds less than twice the estimate${corrected}`;
  }
  if (rank(profile.difficultyUpTo) < rank(need.difficulty)) return `it is trusted up to ${profile.difficultyUpTo}`;
  return null;
}

function isPreferred(profile: AgentProfile, other: AgentProfile, recommended: string | null): boolean {
  if (profile.isSelfHosted !== other.isSelfHosted) return profile.isSelfHosted;
  const [cost, otherCost] = [costOf(profile), costOf(other)];
  if (cost !== otherCost) return cost < otherCost;
  const [isNamed, isOtherNamed] = [isRecommended(profile, recommended), isRecommended(other, recommended)];
  if (isNamed !== isOtherNamed) return isNamed;
  return rank(profile.difficultyUpTo) < rank(other.difficultyUpTo);
}

/** What a million tokens in and a million out cost: good for an order, not for a bill. Unknown is dearer than all. */
function costOf({ prices }: AgentProfile): number {
  const sum = prices === null ? Infinity : prices.input + prices.output;
  return Number.isNaN(sum) ? Infinity : sum;
}

function isRecommended(profile: AgentProfile, recommended: string | null): boolean {
  return recommended !== null && profile.name.toLowerCase() === recommended.toLowerCase();
}

/** In tokens as the issue is estimated in. */
function largestPartFor(
  profile: AgentProfile,
  { estimatedTokens }: Pick<AssignmentNeed, 'estimatedTokens'>,
  estimateFor: EstimateFor,
): number {
  const estimate = estimateFor(profile);
  checkEstimate(estimate);
  return Math.floor(((usableWindow(profile) ?? 0) / WINDOW_PER_ESTIMATE) * (estimatedTokens / estimate));
}

function rank(difficulty: Difficulty): number {
  return DIFFICULTIES.indexOf(difficulty);
}
