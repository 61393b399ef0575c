/** What was seen since the last sweep, and in it. */
export interface SweepSight {
  /** SWEEP_INTERVAL_SECONDS, in milliseconds. */
  readonly baseMs: number;
  /** How long it was until this sweep. */
  readonly presentMs: number;
  /** How many deliveries came since the last one. */
  readonly deliveries: number;
  /** How many issues the sweep found to be otherwise than any delivery had told. */
  readonly found: number;
}

/** How far the interval is stretched and shrunk at most. */
const WIDEST = 4;
const NARROWEST = 1 / 4;

/**
 * How long it is until the next sweep, in milliseconds. Where webhooks come and tell everything there is little to find;
 * where they are lost, or none come, a sweep is all there is.
 */
export function nextSweepMs({ baseMs, presentMs, deliveries, found }: SweepSight): number {
  const narrowest = baseMs * NARROWEST;
  if (found > 0) return narrowest;
  return deliveries > 0 ? Math.min(baseMs * WIDEST, presentMs * 2) : Math.max(narrowest, presentMs / 2);
}
