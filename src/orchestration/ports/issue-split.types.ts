import type { SplitProposal } from '../../agents/index.js';
import type { ProposedPart } from '../../parser/index.js';

/** How an issue is split. Kept with its job from before the first part is opened: a model would propose others next time. */
export interface Split {
  readonly proposal: SplitProposal;
  /** Null until a model has proposed them. */
  readonly parts: readonly ProposedPart[] | null;
  /** Whether everything stands in the tracker. */
  readonly isDone: boolean;
}
