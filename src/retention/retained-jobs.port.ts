/** Tells which jobs have ended. A job is named by its issue in lower case, such as `owner/repo#12`. */
export interface RetainedJobs {
  /** Those that have not ended: whatever belongs to them stays. */
  live(): Promise<ReadonlySet<string>>;
  /** Of these the ones that ended, and when, in milliseconds since 1970. */
  endedAt(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
