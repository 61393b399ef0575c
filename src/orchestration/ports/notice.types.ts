/** Comments that say what is so of an issue at the moment, by their markers: see intake-comments.ts. */
export type NoticeMarker = 'questions' | 'no-agent' | 'hidden-blockers' | 'guess';

/** One that stands on an issue, or is about to. Kept with its job, so that none is left behind. */
export interface Notice {
  readonly marker: NoticeMarker;
  /** False once it is over: it is brought up to date, and forgotten. */
  readonly isSo: boolean;
}
