/** What a person said on an issue: text from outside. */
export interface Remark {
  /** Login. */
  readonly author: string;
  readonly text: string;
}
