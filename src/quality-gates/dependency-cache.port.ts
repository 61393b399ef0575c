/** Which downloads of a setup are kept between runs, and what they belong to. */
export interface CachedDependencies {
  /** Files of the repository that say what is downloaded, such as lock files. */
  readonly key: readonly string[];
  /** Folders of downloads, relative to the home that the gates have. */
  readonly paths: readonly string[];
}

/**
 * Keeps what setups download, so that the next one need not. Losing it costs time, nothing else.
 *
 * It is filled by runs of base commits alone, in which no agent has a part, and given to all: each run gets copies of its
 * own.
 */
export interface DependencyCache {
  /**
   * Copies what is kept under a key into a home, in the place of what is there, and resolves with whether there was
   * anything.
   */
  restore(key: string, home: string, paths: readonly string[]): Promise<boolean>;
  /** Keeps copies of folders of a home. What is kept under the key already stays; the oldest of others may be dropped. */
  keep(key: string, home: string, paths: readonly string[]): Promise<void>;
  /** Drops what is kept under a key. */
  drop(key: string): Promise<void>;
}
