import type { Difficulty } from '../kernel/index.js';

/** What a finished job was thought to need, and what it needed. */
export interface CalibrationSample {
  /** Key of the job's issue. */
  readonly jobId: string;
  /** Name of the profile that did it. */
  readonly profile: string;
  readonly difficulty: Difficulty;
  /** The estimate as it was read or guessed, not corrected. In tokens of context. */
  readonly estimatedTokens: number;
  /** The highest occupancy of its sessions. Of one that was compacted, it is the least that the work needed. */
  readonly peakTokens: number;
}

/** The jobs that are compared with each other. */
export interface CalibrationGroup {
  readonly profile: string;
  readonly difficulty: Difficulty;
}

/** How an estimate is to be read. */
export interface Correction {
  /** What the estimate is multiplied by; 1 where nothing is corrected. */
  readonly factor: number;
  /** How many finished jobs it follows from. */
  readonly samples: number;
  /** The middle one of their ratios of real to estimated; null where there are too few. */
  readonly median: number | null;
}

/** An estimate after its correction. */
export interface CorrectedEstimate {
  /** The estimate to go by. */
  readonly tokens: number;
  readonly factor: number;
  /** Why it differs from the one that was given, in a sentence; null where it does not. */
  readonly explanation: string | null;
}

/** What is known of one group, as people are shown it. */
export interface CalibrationOverview extends CalibrationGroup, Correction {
  /** Whether later estimates are corrected by it. */
  readonly isApplied: boolean;
}
