/** A remark of a review on one line of the change: text from outside. */
export interface LineRemark {
  /** As the tracker names the file. */
  readonly path: string;
  /** Null where the line is not known; of a deleted line, its number before the change. */
  readonly line: number | null;
  /** Login. */
  readonly author: string;
  readonly text: string;
}

/** What one review asks for: text from outside, and bounded. */
export interface ReviewFeedback {
  /** Of the review. */
  readonly id: number;
  /** Login. */
  readonly author: string;
  /** Whether it is a request for changes, and not only comments. */
  readonly isRequest: boolean;
  /** What the review says as a whole; empty for nothing. */
  readonly text: string;
  readonly remarks: readonly LineRemark[];
}
