/** A job as a guard knows it. A Job of the queue is one. */
export interface DispatchedJob {
  readonly id: string;
  /** Name of its profile. */
  readonly profile: string;
}

/** Says which profiles no work may be given to. Asked before every claim. */
export interface DispatchGuard {
  /** By name, and why in whole sentences, for people. One that rejects holds everything back until the next tick. */
  closedProfiles(): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
  /** Told of every job that was claimed, before the next question. */
  started?(job: DispatchedJob): void;
  /** Told when the run of such a job is over and the job was moved on, in whatever way. */
  ended?(job: DispatchedJob): void;
}
