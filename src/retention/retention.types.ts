export const FOLDER_KINDS = ['workspace', 'mirror', 'dependencies'] as const;

/** Something on the disk that is dropped as a whole or not at all. */
export interface KeptFolder {
  /** By which its store knows it. */
  readonly id: string;
  /**
   * A *workspace* is the directory of a job, with what its agent kept: sessions, transcripts, a home. A *mirror* is the
   * coordinator's copy of a repository. *Dependencies* are downloads of gates.
   */
  readonly kind: (typeof FOLDER_KINDS)[number];
  readonly bytes: number;
  /** When it was last needed, in milliseconds since 1970. */
  readonly usedAt: number;
  /** Whether it belongs to a job that has not ended, or is all there is of finished work: such a folder is never dropped. */
  readonly isInUse: boolean;
}

/** What records may stay. */
export interface RecordLimits {
  /** Payloads and histories from before this moment are dropped, in milliseconds since 1970. */
  readonly before: number;
  /** The ids of deliveries from before this moment are forgotten, in milliseconds since 1970. */
  readonly idsBefore: number;
  /** How many bytes payloads and histories may hold together, as long as there are any that may be dropped. */
  readonly maxBytes: number;
}

/** What was dropped of records, and what is left. */
export interface DroppedRecords {
  /** Of how many deliveries the payload was dropped; their ids stay. */
  readonly payloads: number;
  /** How many deliveries were forgotten, ids included. */
  readonly deliveries: number;
  /** How many events of the histories of jobs that ended. */
  readonly events: number;
  readonly runs: number;
  /** How many answers of models about texts of issues. */
  readonly parsedTexts: number;
  /** How many bytes payloads and histories hold beyond the limit, all of them of jobs that have not ended. */
  readonly excessBytes: number;
}

/** What one pruning did. */
export interface Pruned {
  /** Null where another process sees to the records, or they could not be pruned. */
  readonly records: DroppedRecords | null;
  readonly folders: {
    readonly dropped: number;
    readonly droppedBytes: number;
    /** How many bytes are left in all. */
    readonly keptBytes: number;
    /** How many of those are beyond the limit, because they are in use. */
    readonly excessBytes: number;
  };
}
