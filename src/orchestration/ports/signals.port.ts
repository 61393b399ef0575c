/**
 * What coordinators that share a store tell each other, so that none waits for its next look. A signal may be lost, may
 * come twice, and may come to its sender too.
 */
export interface Signals {
  /** Tells the others that what people are shown of a job is out of date. Never rejects. */
  tell(jobId: string): void;
  /**
   * Hears the others: of a job that somebody told about; null for anything else that is new in the store, such as a
   * delivery or a job that may start.
   */
  listen(heard: (jobId: string | null) => void): void;
}

/** For a coordinator that shares its store with no other. */
export const NO_SIGNALS: Signals = { tell: () => undefined, listen: () => undefined };
