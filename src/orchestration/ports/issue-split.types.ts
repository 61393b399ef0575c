import type { SplitProposal, UnfitProfile } from '../../agents/index.js';
import type { ProposedPart } from '../../parser/index.js';

/** An issue that no agent can take. */
export interface Unfit {
  /** One for each profile. */
  readonly reasons: readonly UnfitProfile[];
  /** How it would fit; null where no size would do. */
  readonly proposal: SplitProposal | null;
}

/** How an issue is split. Kept with its job from before a model is asked: it would propose others next time. */
export interface Split {
  readonly proposal: SplitProposal;
  readonly reasons: readonly UnfitProfile[];
  /** Hash of the text that it was proposed for: of another nothing of it is shown. */
  readonly textHash: string;
  /** How often a model was asked for parts. */
  readonly asked: number;
  /** Null until a model has proposed them. */
  readonly parts: readonly ProposedPart[] | null;
  /** Whether the comment names them. */
  readonly isPosted: boolean;
  /** Whether issues are opened for them, and whether everything stands in the tracker. */
  readonly isBegun: boolean;
  readonly isDone: boolean;
}

/** The parts that were proposed for this text; null where none were. */
export function partsFor(split: Split | null, textHash: string): readonly ProposedPart[] | null {
  return split?.textHash === textHash ? split.parts : null;
}
