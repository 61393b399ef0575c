/** How much room a disk has. */
export interface FreeSpace {
  /** Bytes that this process can still write. */
  freeBytes(): Promise<number>;
}
