import type { KeptFolder } from './retention.types.js';

/** What to drop of these folders, and what stays. */
export interface FolderChoice<Folder extends KeptFolder> {
  readonly drop: readonly Folder[];
  /** How many bytes stay. */
  readonly keptBytes: number;
  /** How many of those are beyond the limit, because nothing is left that may go. */
  readonly excessBytes: number;
}

/**
 * Drops what was last needed before a moment, and then what was not needed for longest until the rest keeps to the limit.
 * What is in use stays, however old and large.
 */
export function chooseFolders<Folder extends KeptFolder>(
  folders: readonly Folder[],
  { before, maxBytes }: { readonly before: number; readonly maxBytes: number },
): FolderChoice<Folder> {
  let keptBytes = folders.reduce((sum, { bytes }) => sum + bytes, 0);
  const drop: Folder[] = [];
  for (const folder of folders.filter(({ isInUse }) => !isInUse).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (folder.usedAt >= before && keptBytes <= maxBytes) break;
    drop.push(folder);
    keptBytes -= folder.bytes;
  }
  return { drop, keptBytes, excessBytes: Math.max(0, keptBytes - maxBytes) };
}
