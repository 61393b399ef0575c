import type { GiteaLabel } from './gitea.types.js';

/** What is to be done to an issue's labels. */
export interface StateLabelPlan {
  readonly isMissing: boolean;
  /** Ids, each to be taken away. */
  readonly toRemove: readonly number[];
}

/**
 * Decides how an issue comes to have exactly this label of the scope, or none. Labels of other scopes are never
 * touched, so a person who sets one at the same moment loses nothing. Of two labels with the wanted name the older
 * stays.
 */
export function planStateLabel(labels: readonly GiteaLabel[], scope: string, wanted: string | null): StateLabelPlan {
  const ours = labels.filter(({ name }) => name.startsWith(`${scope}/`)).toSorted((a, b) => a.id - b.id);
  const kept = ours.find(({ name }) => name === wanted);
  return {
    isMissing: wanted !== null && kept === undefined,
    toRemove: ours.filter((label) => label !== kept).map(({ id }) => id),
  };
}
