import { isSameLogin } from '../../kernel/index.js';
import type { Edit } from '../job-details.js';

/** How many edits are remembered. */
const MOST_EDITS = 50;

/** How an issue came to a text that work may not go on with yet. All texts are hashes. */
export interface EditScene {
  /** The text that is there. */
  readonly present: string;
  /** The one that somebody who may has seen; empty for none. */
  readonly pinned: string;
  /** What is remembered of earlier looks: edits that were refused, or that nothing follows from. */
  readonly known: readonly Edit[];
  /** What deliveries tell now. */
  readonly told: readonly Edit[];
}

/** Who brought a text about, as far as anything tells. */
export interface Editors {
  /** Logins: work goes on with the text only if all of them may steer it. */
  readonly named: readonly string[];
  /** Whether one of them is known to have made just this text. */
  readonly isMakerKnown: boolean;
}

/**
 * Says whose edits a text consists of. What led to it counts as well as what made it: words of one editor stay in the
 * text of the next. Only who edits what was refused before has seen that, and answers for it.
 */
export function weighEdits({ present, pinned, known, told }: EditScene): Editors {
  const makesIt = ({ textHash }: Edit): boolean => textHash === present;
  const fresh = told.filter((edit) => edit.textHash !== pinned && !known.some((other) => isSameEdit(edit, other)));
  const earlier = known.filter(({ textHash }) => textHash !== pinned);
  const counted = fresh.some(makesIt) ? fresh : [...earlier, ...fresh];
  return { named: [...new Set(counted.map(({ by }) => by))], isMakerKnown: counted.some(makesIt) };
}

/** What is remembered until work goes on with a text: each edit once, the newest last. */
export function rememberedEdits({ pinned, known, told }: Omit<EditScene, 'present'>): readonly Edit[] {
  const fresh = told.filter((edit) => !known.some((other) => isSameEdit(edit, other)));
  const all = [...known, ...fresh].filter(({ textHash }) => textHash !== pinned);
  const each = all.filter((edit, at) => all.findIndex((other) => isSameEdit(edit, other)) === at);
  return each.map(({ by, textHash }) => ({ by, textHash })).slice(-MOST_EDITS);
}

/** Whether the same person made the same text. */
export function isSameEdit(one: Edit, other: Edit): boolean {
  return one.textHash === other.textHash && isSameLogin(one.by, other.by);
}
