/**
 * Which of the coordinators that share a store leads: it alone decides what follows from deliveries and sweeps, and
 * shows it on the issues. There is never more than one by the store's word.
 */
export interface Leadership {
  /** How long a lead holds without being asked for again, in milliseconds; null for ever. */
  readonly termMs: number | null;
  /**
   * Takes the lead where nobody holds it, and prolongs its own. The number of its term, which grows with each change of
   * the lead and whenever a term ended before it was prolonged; null where another leads.
   */
  hold(): Promise<number | null>;
  /** Gives the lead up, so that another need not wait for its end. */
  release(): Promise<void>;
}

/** For a coordinator that shares its store with no other. */
export const ALWAYS_LEADING: Leadership = {
  termMs: null,
  hold: () => Promise.resolve(1),
  release: () => Promise.resolve(),
};
