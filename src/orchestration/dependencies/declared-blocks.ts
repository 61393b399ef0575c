import { issueKey, type IssueRef } from '../../kernel/index.js';

/** Remembers which issues say of themselves that they block another one (`Blocks: #149`). */
export class DeclaredBlocks {
  private readonly blockersOf = new Map<string, Map<string, IssueRef>>();
  private readonly blockedKeys = new Map<string, readonly string[]>();

  /** Forgets everything. */
  clear(): void {
    this.blockersOf.clear();
    this.blockedKeys.clear();
  }

  /** Replaces what an issue says it blocks. */
  declare(blocker: IssueRef, blocks: readonly IssueRef[]): void {
    const key = issueKey(blocker);
    for (const blocked of this.blockedBy(blocker)) this.blockersOf.get(blocked)?.delete(key);
    for (const blocked of blocks.map(issueKey)) {
      const blockers = this.blockersOf.get(blocked) ?? new Map<string, IssueRef>();
      this.blockersOf.set(blocked, blockers.set(key, blocker));
    }
    this.blockedKeys.set(key, blocks.map(issueKey));
  }

  /** What this issue says it blocks, as keys. */
  blockedBy(blocker: IssueRef): readonly string[] {
    return this.blockedKeys.get(issueKey(blocker)) ?? [];
  }

  /** Who says that it blocks this issue. */
  blockersFor(blocked: IssueRef): readonly IssueRef[] {
    return [...(this.blockersOf.get(issueKey(blocked))?.values() ?? [])];
  }
}
