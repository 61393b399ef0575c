/**
 * How much room there is on the disk: *ample*; *scarce*, when no work is begun; *spent*, when the work that runs is
 * stopped, so that the database keeps what is left.
 */
export type DiskStanding = 'ample' | 'scarce' | 'spent';

/** From which share of the reserve on the disk counts as spent. */
const SPENT_SHARE = 0.25;
/** What must be free besides the reserve before work goes on, as a share of it: else it would stop and go at the edge. */
const RETURN_SHARE = 0.25;

/** @param reserveBytes 0: there is always room */
export function diskStanding(freeBytes: number, reserveBytes: number, before: DiskStanding): DiskStanding {
  const enough = before === 'ample' ? reserveBytes : reserveBytes * (1 + RETURN_SHARE);
  if (freeBytes >= enough) return 'ample';
  return freeBytes < reserveBytes * SPENT_SHARE ? 'spent' : 'scarce';
}
