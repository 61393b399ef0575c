import type { MetadataCache } from './metadata-cache.port.js';
import type { IssueMetadata } from './parser.types.js';

/** A MetadataCache within this process that forgets what was asked for longest ago. */
export class InMemoryMetadataCache implements MetadataCache {
  /** In the order of their last use. */
  private readonly entries = new Map<string, IssueMetadata>();

  /** @param maxEntries how many texts are remembered */
  constructor(private readonly maxEntries = 1_000) {}

  get(key: string): Promise<IssueMetadata | undefined> {
    const metadata = this.entries.get(key);
    if (metadata !== undefined) this.store(key, metadata);
    return Promise.resolve(metadata);
  }

  put(key: string, metadata: IssueMetadata): Promise<void> {
    this.store(key, metadata);
    return Promise.resolve();
  }

  private store(key: string, metadata: IssueMetadata): void {
    this.entries.delete(key);
    this.entries.set(key, metadata);
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.maxEntries && oldest !== undefined) this.entries.delete(oldest);
  }
}
