import type { IssueMetadata } from './parser.types.js';

/** Remembers what texts were parsed to, so that a model is asked once for a text. Losing it costs money, nothing else. */
export interface MetadataCache {
  get(key: string): Promise<IssueMetadata | undefined>;
  /** Repeating it changes nothing; a second value for a key takes the first one's place. */
  put(key: string, metadata: IssueMetadata): Promise<void>;
}
