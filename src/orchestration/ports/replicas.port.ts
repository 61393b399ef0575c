/** The coordinators that share a store. */
export interface Replicas {
  /**
   * Makes this one known to the others, and names the holders of leases whose process is certainly dead: their jobs need
   * not wait for the ends of their leases. Asked at each tick.
   */
  deadHolders(): Promise<readonly string[]>;
}

/** For a coordinator that shares its store with no other. */
export const NO_REPLICAS: Replicas = { deadHolders: () => Promise.resolve([]) };
